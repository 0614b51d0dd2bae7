import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../random.ts';
import type { Views } from '../../views.ts';
import { type BootstrapOptions, bootstrap } from './bootstrap.ts';
import { type Evaluation, evaluate, type Scorer } from './evaluate.ts';
import { aupr, auroc, detectionError, type Figures, fprAtTpr } from './metrics.ts';
import type { Scores } from './scores.ts';

/** Rows whose features are the scores of several detectors, and the detector that reads one of them. */
const given = (...columns: ArrayLike<number>[]): Views => ({
  features: Array.from(columns[0]!, (_, i) => columns.map((column) => column[i]!)),
});
const reads = (column: number): Scorer => ({
  score: ({ features }) => (features as number[][]).map((row) => row[column]!),
});

const normals = (random: Random, n: number, mean: number) =>
  Float64Array.from({ length: n }, () => random.normal() + mean);

const metrics: Record<keyof Figures<unknown>, (id: Scores, ood: Scores) => number> = {
  auroc,
  auprIn: (id, ood) => aupr(id, ood, { positive: 'id' }),
  auprOut: (id, ood) => aupr(id, ood, { positive: 'ood' }),
  fpr95PositiveId: (id, ood) => fprAtTpr(id, ood, { positive: 'id' }),
  fpr95PositiveOod: (id, ood) => fprAtTpr(id, ood, { positive: 'ood' }),
  detectionError,
};
const metricNames = Object.keys(metrics) as (keyof typeof metrics)[];

const rowOf = ({ rows }: Evaluation, detector: string, ood: string) =>
  rows.find((row) => row.detector === detector && row.ood === ood)!;

test('by hand: id 1, 2, 2, 3 and ood 2, 4, beside a detector that knows and one that does not', () => {
  const id = given([1, 2, 2, 3], [0, 0, 0, 0], [7, 7, 7, 7]);
  const ood = given([2, 4], [1, 1], [7, 7]);
  const table = evaluate({ id, ood: { out: ood } }, { hand: reads(0), knows: reads(1), blind: reads(2) });
  const values = (detector: string) =>
    metricNames.map((name) => rowOf(table, detector, 'out')[name].value.toFixed(6));
  // auroc, auprIn, auprOut, and both FPRs and the error as in the metrics' own example. AUPR in: recall ¼ and 3/4 at
  // precision 1 and 3/4, then 4/5: ¼ + ½ · 7/8 + ¼ · (3/4 + 4/5) / 2.
  expect(values('hand')).toEqual(['0.750000', '0.881250', '0.725000', '0.500000', '0.750000', '0.250000']);
  expect(values('knows')).toEqual(['1.000000', '1.000000', '1.000000', '0.000000', '0.000000', '0.000000']);
  // one threshold, which takes all or nothing: precision 4/6 or 2/6 at recall 1, in a trapezoid from 1
  expect(values('blind')).toEqual(['0.500000', '0.833333', '0.666667', '1.000000', '1.000000', '0.500000']);
  expect(rowOf(table, 'knows', 'out').aurocDifference.value).toBe(0.25);
  expect(rowOf(table, 'blind', 'out').aurocDifference.value).toBe(-0.25);
  expect(rowOf(table, 'hand', 'out').aurocDifference).toEqual({ value: 0, low: 0, high: 0 });
  expect(table.rows.map(({ detector, nOod }) => [detector, nOod])).toEqual([
    ['hand', 2],
    ['knows', 2],
    ['blind', 2],
  ]);
  expect([table.nId, table.reference]).toEqual([4, 'hand']);
});

test('every figure and interval is what bootstrap gives for its metric alone, to the bit', () => {
  const score = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true }), fc.constant(-0));
  const scores = fc.array(score, { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(scores, scores, fc.nat(), (id, ood, seed) => {
      const options: BootstrapOptions = { seed, resamples: 25, confidence: 0.8 };
      const table = evaluate({ id: given(id), ood: { out: given(ood) } }, { first: reads(0) }, options);
      for (const name of metricNames)
        expect(table.rows[0]![name], name).toEqual(bootstrap(metrics[name], id, ood, options));
    }),
  );
});

test('figures are the same everywhere, and whatever else is in the table', () => {
  const random = new Random(9);
  const rows = (n: number, mean: number) => given(normals(random, n, mean), normals(random, n, 2 * mean));
  const id = rows(200, 0);
  const near = rows(100, 1);
  const far = rows(150, 3);
  const table = evaluate({ id, ood: { near, far } }, { one: reads(0), two: reads(1) });
  expect(table.rows.map(({ detector, ood }) => `${detector} ${ood}`)).toEqual([
    'one near',
    'two near',
    'one far',
    'two far',
  ]);
  expect(rowOf(table, 'two', 'near').aurocDifference).toMatchInlineSnapshot(`
    {
      "high": 0.2277762499999999,
      "low": 0.10308750000000008,
      "value": 0.1623,
    }
  `);
  const alone = evaluate({ id, ood: { far } }, { two: reads(1) });
  expect({ ...alone.rows[0], aurocDifference: 0 }).toEqual({
    ...rowOf(table, 'two', 'far'),
    aurocDifference: 0,
  });
  expect(evaluate({ id, ood: { near, far } }, { one: reads(0), two: reads(1) }, { seed: 1 })).not.toEqual(
    table,
  );
});

test('detectors that err on the same rows are compared row by row', () => {
  const random = new Random(5);
  const [id, ood] = [normals(random, 300, 0), normals(random, 300, 1)];
  const worse = (scores: Float64Array) => scores.map((score) => score + 0.3 * random.normal());
  const data = { id: given(id, worse(id)), ood: { out: given(ood, worse(ood)) } };
  const { rows } = evaluate(data, { plain: reads(0), blurred: reads(1) });
  const [plain, blurred] = rows.map(({ auroc }) => auroc);
  const { value, low, high } = rows[1]!.aurocDifference;
  expect(value).toBe(blurred!.value - plain!.value);
  expect(high - low).toBeLessThan(0.5 * (blurred!.high - blurred!.low));
  const turned = evaluate(data, { plain: reads(0), blurred: reads(1) }, { reference: 'blurred' });
  expect(turned.reference).toBe('blurred');
  expect(turned.rows[0]!.aurocDifference.value).toBe(-value);
  expect(turned.rows[0]!.aurocDifference.low).toBeCloseTo(-high, 12);
  expect(turned.rows[1]!.aurocDifference).toEqual({ value: 0, low: 0, high: 0 });
});

test('the interval of the difference covers the truth about as often as it says', () => {
  // Both detectors see the same signal through equal noise: their true difference is 0.
  const random = new Random(8);
  let covered = 0;
  for (let trial = 0; trial < 200; trial++) {
    const rows = (mean: number) => {
      const signal = normals(random, 60, mean);
      return given(...[0, 1].map(() => signal.map((value) => value + random.normal())));
    };
    const { rows: table } = evaluate(
      { id: rows(0), ood: { out: rows(1) } },
      { a: reads(0), b: reads(1) },
      { confidence: 0.9, resamples: 100, seed: trial },
    );
    const { low, high } = table[1]!.aurocDifference;
    if (low <= 0 && 0 <= high) covered++;
  }
  expect(covered).toBeGreaterThan(200 * 0.8);
  expect(covered).toBeLessThan(200 * 0.98);
});

test('each detector scores each set once, and the table is frozen plain data', () => {
  let calls = 0;
  const counting: Scorer = {
    score(input) {
      calls++;
      return reads(0).score(input);
    },
  };
  const far = given([5]);
  const ood = { near: given([2, 3]), far, ['__proto__']: far };
  const table = evaluate({ id: given([1, 2]), ood }, { counting, again: counting });
  expect(calls).toBe(8);
  expect(table.rows.map(({ ood }) => ood)).toContain('__proto__');
  expect(JSON.parse(JSON.stringify(table))).toEqual(table);
  const frozen = (value: unknown): boolean =>
    typeof value !== 'object' || (Object.isFrozen(value) && Object.values(value!).every(frozen));
  expect(frozen(table)).toBe(true);
});

test('mistakes are named', () => {
  const data = { id: given([1, 2]), ood: { out: given([3]) } };
  const fails = (detectors: object, options = {}, from: object = data) =>
    expect(() => evaluate(from as typeof data, detectors as Record<string, Scorer>, options));
  const one = { one: reads(0) };
  fails({}).toThrow('evaluate: detectors is empty; expected at least one name');
  fails([reads(0)]).toThrow('evaluate: detectors must be an object of at least one name; got an array of 1');
  fails(one, {}, { id: data.id }).toThrow(
    'evaluate: ood must be an object of at least one name; got undefined',
  );
  fails({ one: 3 }).toThrow('evaluate: detector "one" must have a method score; got 3');
  fails(one, { reference: 'two' }).toThrow('evaluate: reference must be "one"; got "two"');
  fails(one, { resamples: 0 }).toThrow('evaluate: resamples must be an integer in [1, ∞); got 0');
  fails(one, { seeds: 1 }).toThrow(
    'evaluate: unknown option "seeds"; known are confidence, resamples, seed, reference',
  );
  fails({ one: { score: () => [1, Number.NaN] } }).toThrow(
    'evaluate: scores of id by "one"[1] is NaN; expected a number',
  );
  fails({ one: reads(0), two: { score: () => [1, 2, 3] } }).toThrow(
    'evaluate: all detectors must score the same rows of id; got 2, 3 scores',
  );
});
