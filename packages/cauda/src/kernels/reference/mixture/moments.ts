import type { Round } from '../arithmetic.ts';

type Numbers = ArrayLike<number>;

/** √weight (x − mu) for each row of x (n × d), and the sum of √weight times that. */
export function weightedRows(
  x: Numbers,
  weights: Numbers,
  mu: Numbers,
  round: Round,
): { panel: number[]; sum: number[] } {
  const d = mu.length;
  const panel: number[] = [];
  const sum = new Array<number>(d).fill(0);
  for (let t = 0; t < weights.length; t++) {
    const root = round(Math.sqrt(weights[t]!));
    for (let i = 0; i < d; i++) {
      const z = round(root * round(x[t * d + i]! - mu[i]!));
      panel.push(z);
      sum[i] = round(sum[i]! + round(root * z));
    }
  }
  return { panel, sum };
}

/** The weighted sum of x − mu over the rows of x (n × d). */
export function firstMoments(x: Numbers, weights: Numbers, mu: Numbers): number[] {
  const sum = new Array<number>(mu.length).fill(0);
  for (let t = 0; t < weights.length; t++)
    for (let i = 0; i < mu.length; i++) sum[i]! += weights[t]! * (x[t * mu.length + i]! - mu[i]!);
  return sum;
}

/** ZᵀZ (d × d) for n × d values Z, each entry summed over the rows in their order. */
export function gram(z: Numbers, n: number, d: number, round: Round): number[] {
  return Array.from({ length: d * d }, (_, at) => {
    let sum = 0;
    for (let t = 0; t < n; t++)
      sum = round(sum + round(z[t * d + Math.floor(at / d)]! * z[t * d + (at % d)]!));
    return sum;
  });
}
