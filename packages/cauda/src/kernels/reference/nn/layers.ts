import { exp, log } from '../../elementary.ts';
import type { Round } from '../arithmetic.ts';

/** out (n × width) = init + x (n × inner) · matrix (inner × width), the terms added in order. */
export function product(
  x: ArrayLike<number>,
  n: number,
  inner: number,
  matrix: ArrayLike<number>,
  width: number,
  init: ArrayLike<number>,
  round: Round,
): number[] {
  const out: number[] = [];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < width; j++) {
      let sum = init[j]!;
      for (let k = 0; k < inner; k++) sum = round(sum + round(x[i * inner + k]! * matrix[k * width + j]!));
      out.push(sum);
    }
  return out;
}

/** x (n × d) with rows and columns exchanged. */
export function transposed(x: ArrayLike<number>, n: number, d: number): number[] {
  return Array.from({ length: n * d }, (_, at) => x[(at % n) * d + Math.floor(at / n)]!);
}

/** The sum of n rows. */
export function columnSums(x: ArrayLike<number>, n: number, width: number, round: Round): number[] {
  const sums = new Array<number>(width).fill(0);
  for (let i = 0; i < n; i++) for (let j = 0; j < width; j++) sums[j] = round(sums[j]! + x[i * width + j]!);
  return sums;
}

/** The softmax of each of n rows, and log Σ exp of each. */
export function softmax(
  x: ArrayLike<number>,
  n: number,
  k: number,
  round: Round,
): { probabilities: number[]; logSums: number[] } {
  const probabilities: number[] = [];
  const logSums: number[] = [];
  for (let i = 0; i < n; i++) {
    const row = Array.from({ length: k }, (_, j) => x[i * k + j]!);
    const largest = Math.max(...row);
    const exponentials = row.map((value) => exp(value - largest));
    const sum = exponentials.reduce((total, value) => total + value, 0);
    const scale = 1 / sum;
    probabilities.push(...exponentials.map((value) => round(round(value) * scale)));
    logSums.push(largest + log(sum));
  }
  return { probabilities, logSums };
}

/** The mean cross-entropy of n rows of logits and its gradient. */
export function crossEntropy(
  logits: ArrayLike<number>,
  target: ArrayLike<number>,
  n: number,
  k: number,
  round: Round,
): { loss: number; delta: number[] } {
  const { probabilities, logSums } = softmax(logits, n, k, round);
  const share = round(1 / n);
  let loss = 0;
  for (let i = 0; i < n; i++) loss += logSums[i]! - logits[i * k + target[i]!]!;
  const delta = probabilities.map((value, at) =>
    round((at % k === target[Math.floor(at / k)] ? round(value - 1) : value) * share),
  );
  return { loss: loss / n, delta };
}
