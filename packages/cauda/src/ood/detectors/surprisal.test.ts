import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitTail, KNOTS, surprisal } from './surprisal.ts';

/** 0, 1, …, 100: the percentiles are the scores. */
const ladder = fitTail(Float64Array.from({ length: 101 }, (_, i) => i));

test('by hand: −log of the share above, between the percentiles', () => {
  expect(ladder.knots).toHaveLength(KNOTS);
  expect(surprisal(ladder, 50)).toBeCloseTo(Math.log(2), 14);
  expect(surprisal(ladder, 80)).toBeCloseTo(Math.log(5), 14);
  expect(surprisal(ladder, 80.5)).toBeCloseTo((Math.log(5) - Math.log(0.19)) / 2, 14); // half-way to the 81st
  expect(surprisal(ladder, 0)).toBe(0);
  expect(surprisal(ladder, -1e300)).toBe(0);
});

test('by hand: an exponential tail beyond the 90th percentile', () => {
  expect(ladder.excess).toBe(5.5); // 91 … 100 are 1 … 10 above 90
  expect(surprisal(ladder, 90)).toBeCloseTo(Math.log(10), 14);
  expect(surprisal(ladder, 101)).toBeCloseTo(Math.log(10) + 2, 13);
});

test('scores that are all the same are no surprise, and any above is', () => {
  const flat = fitTail(Float64Array.of(3, 3, 3));
  expect(surprisal(flat, 3)).toBe(0);
  expect(surprisal(flat, 2)).toBe(0);
  expect(surprisal(flat, 4)).toBeCloseTo(Math.log(10) + 1, 14); // the scale is 1
});

test('equal scores count as reached', () => {
  const half = fitTail(Float64Array.from({ length: 101 }, (_, i) => (i < 50 ? 0 : 1)));
  expect(surprisal(half, 0)).toBe(0);
  expect(surprisal(half, 1)).toBeCloseTo(Math.log(2), 14); // half of the rows score 1 or more
});

test('is finite and never falls as the score grows, whatever the numbers', () => {
  const numbers = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 60 }), numbers, numbers, (scores, a, b) => {
      fc.pre(Math.max(...scores) - Math.min(...scores) < Infinity);
      const tail = fitTail(Float64Array.from(scores));
      const [low, high] = [surprisal(tail, Math.min(a, b)), surprisal(tail, Math.max(a, b))];
      expect(Number.isFinite(low) && Number.isFinite(high)).toBe(true);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeGreaterThanOrEqual(low - 1e-12);
    }),
  );
});

test('does not depend on the unit of the scores', () => {
  const whole = fc.integer({ min: -1e6, max: 1e6 });
  fc.assert(
    fc.property(fc.array(whole, { minLength: 2, maxLength: 60 }), whole, (scores, score) => {
      fc.pre(new Set(scores).size > 1);
      const [tail, doubled] = [1, 2].map((unit) => fitTail(Float64Array.from(scores, (s) => unit * s)));
      fc.pre(tail!.knots[KNOTS - 1]! < Math.max(...scores)); // else there is no tail, and its scale is 1
      expect(surprisal(doubled!, 2 * score)).toBe(surprisal(tail!, score));
    }),
  );
});
