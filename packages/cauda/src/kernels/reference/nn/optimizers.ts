import type { Round } from '../arithmetic.ts';

/** One step of gradient descent with momentum, in place. */
export function sgd(
  w: number[],
  g: ArrayLike<number>,
  v: number[],
  momentum: number,
  rate: number,
  round: Round,
): void {
  for (let i = 0; i < w.length; i++) {
    v[i] = round(round(round(momentum) * v[i]!) + g[i]!);
    w[i] = round(w[i]! - round(round(rate) * v[i]!));
  }
}

/** One step of Adam, in place; the names are those of the kernel. */
export function adam(
  w: number[],
  g: ArrayLike<number>,
  m: number[],
  s: number[],
  scalars: readonly number[],
  round: Round,
): void {
  const [beta1, rest1, beta2, rest2, rate, correction, epsilon] = scalars.map(round) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  for (let i = 0; i < w.length; i++) {
    m[i] = round(round(beta1 * m[i]!) + round(rest1 * g[i]!));
    s[i] = round(round(beta2 * s[i]!) + round(rest2 * round(g[i]! * g[i]!)));
    const root = round(round(round(Math.sqrt(s[i]!)) / correction) + epsilon);
    w[i] = round(w[i]! - round(rate * round(m[i]! / root)));
  }
}
