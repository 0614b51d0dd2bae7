import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { conditionalPValues } from './conditional.ts';
import { conformalPValues } from './conformal.ts';
import { type SelectOutliersOptions, selectOutliers } from './selectOutliers.ts';

const select = (p: number[], options: SelectOutliersOptions) => Array.from(selectOutliers(p, options));

test('by hand: Benjamini and Hochberg pick up to the last p₍ₖ₎ ≤ k q / m, passing over those above the line', () => {
  const p = [0.9, 0.01, 0.04, 0.5, 0.029]; // lines at q = 0.05: 0.01 0.02 0.03 0.04 0.05
  expect(select(p, { fdr: 0.05 })).toEqual([1]);
  expect(select(p, { fdr: 0.07 })).toEqual([1, 2, 4]); // 0.014 0.028 0.042: 0.029 > 0.028, but 0.04 ≤ 0.042
  expect(select(p, { fdr: 0.001 })).toEqual([]);
  expect(select([0.05], { fdr: 0.05 })).toEqual([0]);
});

test('by hand: Storey’s estimate', () => {
  const p = [0.01, 0.02, 0.03, 0.06, 0.2, 0.9]; // one p ≥ ½: 2 (1 + 1) = 4 null rows expected of 6
  expect(select(p, { fdr: 0.06, method: 'benjaminiHochberg' })).toEqual([0, 1, 2]);
  expect(select(p, { fdr: 0.06, method: 'storey' })).toEqual([0, 1, 2, 3]);
  expect(select([1, 1, 1, 0.01], { fdr: 0.05, method: 'storey' })).toEqual([]); // 8 expected of 4: stricter
});

test('it is the textbook’s rule, does not depend on the order, and equal p-values go together', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 40 }),
      fc.double({ min: 0.01, max: 0.9, noNaN: true }),
      (steps, fdr) => {
        const p = steps.map((step) => step / 40);
        const k = p.reduce((best, limit) => {
          const count = p.filter((value) => value <= limit).length;
          return limit <= (count * fdr) / p.length ? Math.max(best, count) : best;
        }, 0);
        const picked = select(p, { fdr });
        expect(picked).toHaveLength(k);
        const largest = Math.max(-1, ...picked.map((i) => p[i]!));
        expect(picked).toEqual(p.flatMap((value, i) => (value <= largest ? [i] : [])));
      },
    ),
  );
});

/** Mean false discovery proportion and mean share of the outliers found, over many batches and calibration sets. */
function discoveries(
  trials: number,
  [n, nNull, nOut]: [number, number, number],
  pick: (calibration: Float64Array, scores: Float64Array) => ArrayLike<number>,
): { fdr: number; power: number; error: number } {
  const random = new Random(11);
  let sum = 0;
  let squares = 0;
  let found = 0;
  for (let trial = 0; trial < trials; trial++) {
    const calibration = Float64Array.from({ length: n }, () => random.normal());
    const scores = Float64Array.from(
      { length: nNull + nOut },
      (_, i) => random.normal() + (i < nNull ? 0 : 3),
    );
    const picked = Array.from(pick(calibration, scores));
    const wrong = picked.filter((i) => i < nNull).length;
    const proportion = wrong / Math.max(1, picked.length);
    sum += proportion;
    squares += proportion ** 2;
    found += (picked.length - wrong) / nOut;
  }
  const fdr = sum / trials;
  return { fdr, power: found / trials, error: Math.sqrt((squares / trials - fdr ** 2) / trials) };
}

test('the false discovery rate is at most q, and close to π₀ q for Benjamini and Hochberg', () => {
  const { fdr, power, error } = discoveries(2000, [199, 80, 20], (calibration, scores) =>
    selectOutliers(conformalPValues(calibration, scores), { fdr: 0.2 }),
  );
  expect(fdr).toBeLessThan(0.8 * 0.2 + 3 * error);
  expect(fdr).toBeGreaterThan(0.8 * 0.2 - 0.02);
  expect(power).toBeGreaterThan(0.6);
});

test('Storey’s selection keeps the rate at most q and finds more', () => {
  const pickBy = (method: SelectOutliersOptions['method']) =>
    discoveries(1500, [200, 50, 50], (calibration, scores) =>
      selectOutliers(conformalPValues(calibration, scores), { fdr: 0.1, method }),
    );
  const storey = pickBy('storey');
  expect(storey.fdr).toBeLessThan(0.1 + 3 * storey.error);
  expect(storey.power).toBeGreaterThan(pickBy('benjaminiHochberg').power + 0.05);
});

test('without the + 1 the rate is far above q', () => {
  const { fdr, error } = discoveries(500, [40, 95, 5], (calibration, scores) =>
    selectOutliers(
      scores.map((score) => calibration.filter((c) => c >= score).length / calibration.length),
      { fdr: 0.1 },
    ),
  );
  expect(fdr).toBeGreaterThan(0.1 + 10 * error);
});

test('flagging all p ≤ q is no control of the false discovery rate', () => {
  const { fdr } = discoveries(300, [199, 95, 5], (calibration, scores) => {
    const p = conformalPValues(calibration, scores);
    return Uint32Array.from(scores, (_, i) => i).filter((i) => p[i]! <= 0.1);
  });
  expect(fdr).toBeGreaterThan(0.5);
});

test('too few calibration scores leave nothing to pick, and calibration-conditional p-values can be picked from too', () => {
  const { power } = discoveries(50, [15, 80, 20], (calibration, scores) =>
    selectOutliers(conformalPValues(calibration, scores), { fdr: 0.01 }),
  );
  expect(power).toBe(0); // 1/16 > 100 × 0.01 / 100
  const { fdr } = discoveries(200, [400, 80, 20], (calibration, scores) =>
    selectOutliers(conditionalPValues(calibration, scores, { method: 'simes' }), { fdr: 0.2 }),
  );
  expect(fdr).toBeLessThan(0.16);
});

test('errors say where', () => {
  expect(() => selectOutliers([0.1, 1.2], { fdr: 0.1 })).toThrow(
    'selectOutliers: pValues[1] must be a number in [0, 1]; got 1.2',
  );
  expect(() => selectOutliers([0.1, NaN], { fdr: 0.1 })).toThrow('selectOutliers: pValues[1] is NaN');
  expect(() => selectOutliers([0.1], {} as never)).toThrow(
    'selectOutliers: fdr is required: a number in (0, 1)',
  );
  expect(() => selectOutliers([0.1], { fdr: 0.1, method: 'bonferroni' as never })).toThrow(
    'selectOutliers: method must be "benjaminiHochberg" or "storey"; got "bonferroni"',
  );
});
