import { exp, log } from '../../kernels/elementary.ts';
import { argmax } from '../../vectors.ts';

/** T log Σ_j exp(z_j / T), without overflow. */
export function logSumExp(z: ArrayLike<number>, temperature = 1): number {
  const largest = z[argmax(z)]!;
  let sum = 0;
  for (let j = 0; j < z.length; j++) sum += exp((z[j]! - largest) / temperature);
  return largest + temperature * log(sum);
}

/** log softmax(z / T): finite even where the probability is 0 in float64. */
export function logSoftmax(z: ArrayLike<number>, temperature = 1): Float64Array {
  const sum = logSumExp(z, temperature);
  return Float64Array.from(z, (value) => (value - sum) / temperature);
}

/** softmax(z / T). */
export function softmax(z: ArrayLike<number>, temperature = 1): Float64Array {
  const largest = z[argmax(z)]!;
  const p = Float64Array.from(z, (value) => exp((value - largest) / temperature));
  const sum = p.reduce((total, value) => total + value, 0);
  return p.map((value) => value / sum);
}
