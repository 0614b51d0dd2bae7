import type { Round } from '../arithmetic.ts';

type Numbers = ArrayLike<number>;

/** ‖M (x − mu)‖² for a lower triangular d × d matrix M: columns in order, rows by fours as (a + b) + (c + d). */
export function mahalanobis(x: Numbers, mu: Numbers, M: Numbers, round: Round): number {
  const d = x.length;
  const squares = Array.from({ length: d }, (_, row) => {
    let sum = 0;
    for (let i = 0; i <= row; i++) sum = round(sum + round(round(x[i]! - mu[i]!) * M[row * d + i]!));
    return round(sum * sum);
  });
  let q = 0;
  for (let row = 0; row < d; row += 4) {
    const [a = 0, b = 0, c = 0, e = 0] = squares.slice(row, row + 4);
    q = round(q + round(round(a + b) + round(c + e)));
  }
  return q;
}
