import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dataset, type Flat, matrix, oracle, worstError } from '../../test/oracles.ts';
import { sourceOf } from '../../test/sources.ts';
import { Matrix } from '../matrix.ts';
import { saveArray } from '../serialize.ts';
import { StandardScalerModel, standardScaler } from './standardScaler.ts';

interface Case {
  name: string;
  dataset: string | null;
  X: Flat | null;
  params: { with_mean?: boolean; with_std?: boolean };
  sample_weight: number[] | null;
  mean: number[];
  var: number[] | null;
  scale: number[] | null;
  n_samples_seen: number[];
  transform_head5: Flat;
  inverse_of_transform_head5: Flat;
  steps?: unknown;
}

const cases = (oracle('scaler') as Case[]).filter(({ steps }) => !steps);

describe.each(cases)('standardScaler equals scikit-learn on $name', async (expected) => {
  const X = expected.X ? matrix(expected.X) : dataset(expected.dataset!).X;
  const { with_mean: withMean, with_std: withStd } = expected.params;
  const scaler = await standardScaler(X, {
    withMean,
    withStd,
    sampleWeight: expected.sample_weight ?? undefined,
  });
  const head = new Matrix(X.data.slice(0, Math.min(5, X.rows) * X.cols), Math.min(5, X.rows), X.cols);

  test('mean, variance, scale and counts', () => {
    const wide = (values: number[]) => (values.length === 1 ? Array(X.cols).fill(values[0]) : values);
    expect(worstError(scaler.mean, expected.mean)).toBeLessThan(1e-12);
    if (expected.var) expect(worstError(scaler.variance, expected.var)).toBeLessThan(1e-12);
    expect(worstError(scaler.scale, expected.scale ?? wide([1]))).toBeLessThan(1e-12);
    expect(worstError(scaler.nSamplesSeen, wide(expected.n_samples_seen))).toBeLessThan(1e-12);
  });

  test('transform and back', () => {
    const Z = scaler.transform(head);
    expect(Z.dtype).toBe('float64');
    // A mean near 1e8 or 1e9 is known to about 1e-16 of itself, which scale 1e-3 makes visible.
    const tolerance = expected.name === 'zero_and_near_constant_columns' ? 1e-4 : 1e-9;
    expect(worstError(Z.data, expected.transform_head5.data)).toBeLessThan(tolerance);
    expect(
      worstError(scaler.inverseTransform(Z).data, expected.inverse_of_transform_head5.data),
    ).toBeLessThan(1e-12);
  });
});

test('standardScaler by hand: 1, 2, 3, 6 has mean 3 and variance (4 + 1 + 0 + 9) / 4 = 3.5', async () => {
  const scaler = await standardScaler([[1], [2], [3], [6]]);
  expect([...scaler.mean]).toEqual([3]);
  expect([...scaler.variance]).toEqual([3.5]);
  expect([...scaler.scale]).toEqual([Math.sqrt(3.5)]);
  expect([...scaler.nSamplesSeen]).toEqual([4]);
  expect(scaler.transform([[3]]).data[0]).toBe(0);
});

test('a weight of 2 is a row twice, and a weight of 0 is no row', async () => {
  const weighted = await standardScaler([[1], [2], [50]], { sampleWeight: [2, 1, 0] });
  const repeated = await standardScaler([[1], [1], [2]]);
  expect(weighted.mean[0]).toBeCloseTo(repeated.mean[0]!, 14);
  expect(weighted.variance[0]).toBeCloseTo(repeated.variance[0]!, 14);
});

test('a constant column, though rounding leaves it a variance, is not scaled', async () => {
  const column = Array.from({ length: 1000 }, () => [0.1]);
  const scaler = await standardScaler(column);
  expect(scaler.scale[0]).toBe(1);
  expect(scaler.mean[0]).toBe(0.1);
  expect(scaler.transform(column).data.every((z) => z === 0)).toBe(true);
});

test('variance keeps its digits under an offset of 1e9 and for tiny numbers', async () => {
  for (const [offset, unit] of [
    [1e9, 1],
    [0, 1e-9],
    [0, 1e9],
  ]) {
    const rows = [1, 2, 3, 6].map((x) => [offset! + unit! * x]);
    expect((await standardScaler(rows)).variance[0]! / unit! ** 2).toBeCloseTo(3.5, 12);
  }
});

test('float32 stays float32, with moments in float64', async () => {
  const { X } = dataset('iris', 'float32');
  const scaler = await standardScaler(X);
  const exact = await standardScaler(dataset('iris').X);
  expect(worstError(scaler.mean, exact.mean)).toBeLessThan(1e-7);
  expect(worstError(scaler.scale, exact.scale)).toBeLessThan(1e-6);
  const Z = scaler.transform(X);
  expect(Z.dtype).toBe('float32');
  expect(scaler.inverseTransform(Z).dtype).toBe('float32');
});

test('bytes are read as float32', async () => {
  const scaler = await standardScaler({ data: Uint8Array.of(0, 255, 255, 0), shape: [2, 2] });
  expect([...scaler.mean]).toEqual([127.5, 127.5]);
  expect(scaler.transform({ data: Uint8Array.of(0, 255), shape: [1, 2] }).dtype).toBe('float32');
});

test('the transformed columns have mean 0 and variance 1, and the inverse brings X back', async () => {
  const cell = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell, cell), { minLength: 2, maxLength: 40 }), async (rows) => {
      const scaler = await standardScaler(rows);
      const Z = scaler.transform(rows);
      const again = await standardScaler(Z);
      for (let j = 0; j < 3; j++) {
        // The mean is a float64: it is off by an ulp, which division by a small scale makes visible.
        const rounding = (Number.EPSILON * Math.abs(scaler.mean[j]!)) / scaler.scale[j]!;
        expect(Math.abs(again.mean[j]!)).toBeLessThan(1e-12 + 2 * rounding);
        const spread = Math.sqrt(scaler.variance[j]!);
        if (spread > 1e-6 * Math.abs(scaler.mean[j]!) && spread > 1e-150)
          expect(again.variance[j]).toBeCloseTo(1, 6);
      }
      const back = scaler.inverseTransform(Z).data;
      const reach = Math.max(1, ...rows.flat().map(Math.abs));
      rows.flat().forEach((x, i) => {
        expect(Math.abs(back[i]! - x)).toBeLessThan(1e-12 * reach);
      });
    }),
    { numRuns: 300 },
  );
});

test("the caller's matrix is untouched and the model is frozen", async () => {
  const X = new Matrix(Float64Array.of(1, 2, 3, 4), 2, 2);
  const scaler = await standardScaler(X);
  scaler.transform(X);
  expect([...X.data]).toEqual([1, 2, 3, 4]);
  expect(Object.isFrozen(scaler)).toBe(true);
});

test('a saved scaler comes back to the same bits', async () => {
  const { X } = dataset('iris');
  const scaler = await standardScaler(X, { withMean: false });
  const back = StandardScalerModel.fromJSON(JSON.parse(JSON.stringify(scaler)));
  expect(back).toEqual(scaler);
  expect(back.transform(X).data).toEqual(scaler.transform(X).data);
});

test('mistakes are named', async () => {
  const X = [
    [1, NaN],
    [2, NaN],
  ];
  await expect(standardScaler(X)).rejects.toThrow(
    'standardScaler: column 1 has no observed entry of positive weight; remove the column',
  );
  await expect(standardScaler([[1], [Infinity]])).rejects.toThrow(
    'standardScaler: X: row 1, column 0 is Infinity; expected finite values',
  );
  await expect(standardScaler([[1], [2]], { sampleWeight: [1] })).rejects.toThrow(
    'standardScaler: sampleWeight has 1 entries but X has 2 rows',
  );
  await expect(standardScaler([[1], [2]], { sampleWeight: [1, -1] })).rejects.toThrow(
    'standardScaler: sampleWeight[1] must be a finite number ≥ 0; got -1',
  );
  const narrow = await standardScaler([[1], [2]]);
  expect(() => narrow.transform([[1, 2]])).toThrow(
    'StandardScalerModel.transform: X has 2 features; this model was fitted on 1',
  );
  const saved = narrow.toJSON();
  expect(() => StandardScalerModel.fromJSON({ ...saved, scale: saveArray(Float64Array.of(0)) })).toThrow(
    'StandardScalerModel.fromJSON: scale must be positive numbers',
  );
  expect(() => StandardScalerModel.fromJSON({ ...saved, mean: saveArray(new Float64Array()) })).toThrow(
    'StandardScalerModel.fromJSON: mean must be an array of at least one number; got an object (Object)',
  );
});

test('over a source it is what it is in memory, to the bit', async () => {
  const { X } = dataset('iris');
  const holes = X.data.map((value, at) => (at % 11 === 5 ? NaN : value));
  const gaps = new Matrix(holes, X.rows, X.cols);
  const sampleWeight = Array.from({ length: X.rows }, (_, i) => i % 3);
  const inMemory = await standardScaler(gaps, { sampleWeight });
  for (const size of [1, 7, 150])
    expect(await standardScaler(sourceOf(gaps, size), { sampleWeight })).toEqual(inMemory);
});

test('reports its passes, and stops when aborted', async () => {
  const { X } = dataset('iris');
  const passes: string[] = [];
  await standardScaler(X, {
    onProgress: ({ task, iteration, maxIterations }) => passes.push(`${task} ${iteration}/${maxIterations}`),
  });
  expect(passes).toEqual(['standardScaler 1/2', 'standardScaler 2/2']);
  const reason = new Error('enough');
  await expect(standardScaler(X, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const controller = new AbortController();
  await expect(
    standardScaler(X, { signal: controller.signal, onProgress: () => controller.abort(reason) }),
  ).rejects.toBe(reason);
});
