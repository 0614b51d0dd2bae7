import type { Round } from '../arithmetic.ts';

type Numbers = ArrayLike<number>;

/** ‖M (x − mu) − offset‖². */
export function mahalanobisTied(x: Numbers, mu: Numbers, M: Numbers, offset: Numbers, round: Round): number {
  const d = x.length;
  let q = 0;
  for (let row = 0; row < d; row++) {
    let sum = 0;
    for (let i = 0; i <= row; i++) sum = round(sum + round(round(x[i]! - mu[i]!) * M[row * d + i]!));
    const z = round(sum - offset[row]!);
    q = round(q + round(z * z));
  }
  return q;
}

/** ‖M (x − mu)‖² for the diagonal m of M. */
export function mahalanobisDiag(x: Numbers, mu: Numbers, m: Numbers, round: Round): number {
  let q = 0;
  for (let i = 0; i < x.length; i++) {
    const z = round(round(x[i]! - mu[i]!) * m[i]!);
    q = round(q + round(z * z));
  }
  return q;
}
