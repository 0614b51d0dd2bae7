import { expect, test } from 'vitest';
import fixture from '../../../test/fixtures/ood/beta.json';
import { betaCdf, betaQuantile } from './beta.ts';

const relative = (got: number, expected: number) => Math.abs(got / expected - 1);

test('betaCdf has the digits of mpmath, deep in the tails and with shapes of tens of thousands', () => {
  expect(fixture.cdf.length).toBeGreaterThan(60);
  for (const [x, a, b, p] of fixture.cdf as [number, number, number, number][])
    expect(relative(betaCdf(x, a, b), p), `I_${x}(${a}, ${b})`).toBeLessThan(3e-13);
});

test('betaQuantile has the digits of mpmath', () => {
  for (const [q, a, b, x] of fixture.quantile as [number, number, number, number][])
    expect(relative(betaQuantile(q, a, b), x), `${q} of (${a}, ${b})`).toBeLessThan(3e-14);
});

test('betaQuantile undoes betaCdf in the far tails', () => {
  for (const q of [1e-300, 1e-30, 1e-9, 1 - 1e-9])
    for (const [a, b] of [
      [1, 5],
      [30, 5],
      [2, 100_000],
      [2.5, 20],
    ] as const)
      expect(relative(betaCdf(betaQuantile(q, a, b), a, b), q), `${q} of (${a}, ${b})`).toBeLessThan(1e-12);
});

test('by hand: uniform, minimum and maximum of n', () => {
  expect(betaCdf(0.3, 1, 1)).toBeCloseTo(0.3, 14);
  expect(betaCdf(0.01, 1, 10)).toBeCloseTo(1 - 0.99 ** 10, 14);
  expect(betaCdf(0.9, 10, 1)).toBeCloseTo(0.9 ** 10, 14);
  expect(betaQuantile(0.5, 10, 1)).toBeCloseTo(0.5 ** 0.1, 14);
  expect([betaCdf(0, 2, 3), betaCdf(1, 2, 3), betaQuantile(0, 2, 3), betaQuantile(1, 2, 3)]).toEqual([
    0, 1, 0, 1,
  ]);
});

test('betaCdf is the upper tail of the binomial: P(Beta(l, n + 1 − l) ≤ α) = P(Bin(n, α) ≥ l)', () => {
  const n = 25;
  const alpha = 0.17;
  let tail = 0;
  for (let l = n, choose = 1; l >= 1; choose *= l / (n - l + 1), l--) {
    tail += choose * alpha ** l * (1 - alpha) ** (n - l);
    expect(relative(betaCdf(alpha, l, n + 1 - l), tail), `l = ${l}`).toBeLessThan(1e-13);
  }
});
