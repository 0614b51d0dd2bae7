import { describe, expect, it } from 'vitest';
import { digamma, logGamma } from './gamma.ts';

/** x, log Γ(x), ψ(x) from 70-digit arithmetic (Stirling's series beyond 60, B₂ … B₅₄). */
const known: readonly (readonly [number, number, number])[] = [
  [5e-324, 744.4400719213812, -Infinity],
  [1e-300, 690.7755278982137, -9.999999999999999e299],
  [1e-10, 23.025850929882736, -10000000000.577215],
  [0.01, 4.599479878042022, -100.56088545786868],
  [0.16666666666666666, 1.7167334350782406, -6.332127505374915],
  [0.5, 0.5723649429247001, -1.9635100260214235],
  [1, 0, -0.5772156649015329],
  [1.25, -0.09827183642181316, -0.22745353337626542],
  [1.4616321449683622, -0.12148629053584961, -9.241265521729427e-17],
  [2, 0, 0.42278433509846713],
  [2.5, 0.2846828704729192, 0.7031566406452432],
  [3, Math.LN2, 0.9227843350984671],
  [7.75, 8.025458396315983, 1.9817915626943456],
  [9.999999, 12.801825228328935, 2.25175248390038],
  [10, 12.801827480081469, 2.251752589066721],
  [12.5, 18.734347511936445, 2.4851956512749123],
  [100.125, 359.7093040852361, 4.601417335129693],
  [10000, 82099.71749644238, 9.210290371142849],
  [123456.789, 1323902.0187950633, 11.723642437180377],
  [1e10, 220258509288.81058, 23.025850929890456],
  [1e100, 2.2925850929940456e102, 230.25850929940458],
  [1e300, 6.897755278982137e302, 690.7755278982137],
];

/** |a − b| in units of max(1, |b|). */
const error = (a: number, b: number): number => (a === b ? 0 : Math.abs(a - b) / Math.max(1, Math.abs(b)));

describe('logGamma and digamma', () => {
  it.each(known)('at %d are those of 70-digit arithmetic', (x, gamma, psi) => {
    expect(error(logGamma(x), gamma)).toBeLessThan(4e-15);
    expect(error(digamma(x), psi)).toBeLessThan(4e-15);
  });

  it('follow their recurrences', () => {
    for (let x = 0.0625; x < 40; x += 0.3125) {
      expect(error(logGamma(x + 1) - logGamma(x), Math.log(x))).toBeLessThan(4e-14);
      expect(error(digamma(x + 1) - digamma(x), 1 / x)).toBeLessThan(4e-15);
    }
  });

  it('have no value at 0 and below', () => {
    for (const x of [0, -1, -0.5, NaN]) {
      expect(logGamma(x)).toBeNaN();
      expect(digamma(x)).toBeNaN();
    }
    expect(logGamma(Infinity)).toBe(Infinity);
    expect(digamma(Infinity)).toBe(Infinity);
  });
});
