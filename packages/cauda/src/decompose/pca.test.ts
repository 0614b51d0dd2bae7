import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dataset, type Flat, oracle, worstError } from '../../test/oracles.ts';
import { Matrix } from '../matrix.ts';
import { Random } from '../random.ts';
import { saveArray } from '../serialize.ts';
import { PcaModel, pca } from './pca.ts';

interface Case {
  name: string;
  dataset: string;
  params: { n_components?: number; whiten?: boolean };
  n_components: number;
  mean: number[];
  components_up_to_sign: Flat;
  explained_variance: number[];
  explained_variance_ratio: number[];
  singular_values: number[];
  noise_variance: number;
  transform_head10_up_to_sign: Flat;
  inverse_transform_head10: Flat;
  score_samples_head10: number[] | null;
}

const head = (X: Matrix, n: number) => new Matrix(X.data.slice(0, n * X.cols), n, X.cols);

describe.each(oracle('pca') as Case[])('pca equals scikit-learn on $name', async (expected) => {
  const { n_components: nComponents, whiten } = expected.params;
  const { shape } = expected.components_up_to_sign;
  const reference = expected.components_up_to_sign.data as number[];

  test.each([
    ['float64', 1e-9, 1e-9],
    ['float32', 1e-5, 1e-3],
  ] as const)('in %s', async (dtype, near, coordinates) => {
    const { X } = dataset(expected.dataset, dtype);
    const model = await pca(X, { nComponents, whiten });
    expect(model.nComponents).toBe(expected.n_components);
    expect(model.components.shape).toEqual(shape);
    expect(worstError(model.mean, expected.mean)).toBeLessThan(near);
    expect(worstError(model.explainedVariance, expected.explained_variance)).toBeLessThan(near);
    expect(worstError(model.explainedVarianceRatio, expected.explained_variance_ratio)).toBeLessThan(near);
    expect(worstError(model.singularValues, expected.singular_values)).toBeLessThan(near);
    expect(Math.abs(model.noiseVariance - expected.noise_variance)).toBeLessThan(near * 10);

    const [k, d] = shape as [number, number];
    const signs = Array.from({ length: k }, (_, c) => {
      const own = Array.from(model.components.row(c));
      const dot = own.reduce((sum, entry, j) => sum + entry * reference[c * d + j]!, 0);
      expect(Math.abs(dot)).toBeCloseTo(1, dtype === 'float64' ? 12 : 5);
      return Math.sign(dot);
    });
    const Z = model.transform(head(X, 10));
    expect(Z.dtype).toBe(dtype);
    const flipped = expected.transform_head10_up_to_sign.data.map((value, at) => value! * signs[at % k]!);
    expect(worstError(Z.data, flipped)).toBeLessThan(coordinates);
    expect(worstError(model.inverseTransform(Z).data, expected.inverse_transform_head10.data)).toBeLessThan(
      coordinates,
    );
    if (expected.score_samples_head10)
      expect(worstError(model.scoreSamples(head(X, 10)), expected.score_samples_head10)).toBeLessThan(
        coordinates,
      );
  });
});

test('pca by hand: points on the line y = 2x', async () => {
  // Centered: (−1, −2), (0, 0), (1, 2). Covariance [[1, 2], [2, 4]]: 5 along (1, 2)/√5, 0 across.
  const model = await pca([
    [0, 0],
    [1, 2],
    [2, 4],
  ]);
  expect(model.explainedVariance[0]).toBeCloseTo(5, 14);
  expect(model.explainedVariance[1]).toBeCloseTo(0, 14);
  expect(model.explainedVarianceRatio[0]).toBeCloseTo(1, 14);
  expect(model.singularValues[0]).toBeCloseTo(Math.sqrt(10), 14);
  expect(model.components.row(0)[0]).toBeCloseTo(1 / Math.sqrt(5), 14);
  expect(model.components.row(0)[1]).toBeCloseTo(2 / Math.sqrt(5), 14);
  expect(model.transform([[2, 4]]).data[0]).toBeCloseTo(Math.sqrt(5), 14);
});

test('in each component the entry of largest magnitude is positive', async () => {
  const { components } = await pca(dataset('digits').X);
  for (const row of components.toArray()) {
    const largest = Math.max(...row.map(Math.abs));
    expect(row).toContain(largest);
  }
});

test('whitened coordinates have the identity as covariance', async () => {
  const { X } = dataset('iris');
  const Z = (await pca(X, { whiten: true })).transform(X);
  const again = await pca(Z);
  expect(worstError(again.explainedVariance, [1, 1, 1, 1])).toBeLessThan(1e-11);
});

test('all components bring X back, whitened or not, and their variances decrease and add up', async () => {
  const entry = fc.integer({ min: -1000, max: 1000 });
  const rows = fc
    .integer({ min: 1, max: 9 })
    .chain((d) => fc.array(fc.array(entry, { minLength: d, maxLength: d }), { minLength: 2, maxLength: 20 }));
  await fc.assert(
    fc.asyncProperty(rows, fc.boolean(), async (X, whiten) => {
      const model = await pca(X, { whiten });
      const total = model.explainedVariance.reduce((a, b) => a + b, 0);
      const ratio = model.explainedVarianceRatio.reduce((a, b) => a + b, 0);
      if (total > 0) expect(ratio).toBeCloseTo(1, 12);
      else expect(ratio).toBe(0);
      const back = model.inverseTransform(model.transform(X)).data;
      expect(worstError(back, X.flat())).toBeLessThan(1e-9);
      for (let c = 1; c < model.nComponents; c++)
        expect(model.explainedVariance[c]).toBeLessThanOrEqual(model.explainedVariance[c - 1]!);
    }),
  );
});

test('the log-density is that of the Gaussian the data came from', async () => {
  // Independent columns with standard deviations 3, 1, 1: log p at the mean is −½ (3 log 2π + log 9).
  const random = new Random(1);
  const X = Array.from({ length: 20000 }, () => [3 * random.normal(), random.normal(), random.normal()]);
  const model = await pca(X, { nComponents: 1 });
  expect(model.noiseVariance).toBeCloseTo(1, 1);
  expect(model.scoreSamples([model.mean])[0]).toBeCloseTo(-0.5 * (3 * 1.8378770664 + 2.1972245773), 1);
  const whitened = await pca(X, { nComponents: 1, whiten: true });
  expect(whitened.scoreSamples(X.slice(0, 5))).toEqual(model.scoreSamples(X.slice(0, 5)));
});

test('more columns than rows: at most as many components as rows, the last without variance', async () => {
  const random = new Random(2);
  const X = Array.from({ length: 5 }, () => Array.from({ length: 80 }, () => random.normal()));
  const model = await pca(X);
  expect(model.components.shape).toEqual([5, 80]);
  expect(model.explainedVariance[4]).toBeLessThan(1e-12);
  expect(worstError(model.inverseTransform(model.transform(X)).data, X.flat())).toBeLessThan(1e-12);
});

test('an offset of 1e6 leaves the variances their digits, and scale only scales them', async () => {
  const { X } = dataset('iris');
  const plain = await pca(X);
  const moved = await pca(
    new Matrix(
      (X.data as Float64Array).map((x) => x + 1e6),
      X.rows,
      X.cols,
    ),
  );
  expect(worstError(moved.explainedVariance, plain.explainedVariance)).toBeLessThan(1e-8);
  for (const unit of [1e9, 1e-9]) {
    const scaled = await pca(
      new Matrix(
        (X.data as Float64Array).map((x) => x * unit),
        X.rows,
        X.cols,
      ),
    );
    const variances = scaled.explainedVariance.map((v) => v / unit / unit);
    expect(worstError(variances, plain.explainedVariance)).toBeLessThan(1e-12);
  }
});

test('identical rows have no variance, and all their coordinates are 0', async () => {
  const model = await pca([
    [1, 2],
    [1, 2],
  ]);
  expect([...model.explainedVariance]).toEqual([0, 0]);
  expect([...model.explainedVarianceRatio]).toEqual([0, 0]);
  expect(model.transform([[1, 2]]).data.every((z) => z === 0)).toBe(true);
});

test("the caller's matrix is untouched and the model is frozen", async () => {
  const { X } = dataset('iris');
  const before = X.data.slice();
  const model = await pca(X);
  model.inverseTransform(model.transform(X));
  expect(X.data).toEqual(before);
  expect(Object.isFrozen(model)).toBe(true);
});

test('a saved PCA comes back to the same bits', async () => {
  const { X } = dataset('digits');
  const model = await pca(X, { nComponents: 7, whiten: true });
  const back = PcaModel.fromJSON(JSON.parse(JSON.stringify(model)));
  expect(back).toEqual(model);
  expect(back.transform(X).data).toEqual(model.transform(X).data);
});

test('mistakes are named', async () => {
  const X = [
    [1, 2],
    [3, 4],
    [5, 7],
  ];
  await expect(pca(X, { nComponents: 3 })).rejects.toThrow(
    'pca: nComponents must be an integer in [1, 2], the smaller of rows and columns, or a fraction in (0, 1); got 3',
  );
  await expect(pca(X, { nComponents: 1.5 })).rejects.toThrow('pca: nComponents must be an integer in [1, 2]');
  await expect(pca([[1, 2]])).rejects.toThrow('pca: expected at least 2 rows, to have a variance; got 1');
  await expect(pca([[1], [NaN]])).rejects.toThrow(
    'pca: X: row 1, column 0 is NaN; expected finite values (remove or fill the row; ',
  );
  await expect(pca([[1e200], [-1e200]])).rejects.toThrow(
    'pca: the variances of X overflow; scale it down first',
  );
  const model = await pca(X, { nComponents: 1 });
  expect(() => model.transform([[1]])).toThrow(
    'PcaModel.transform: X has 1 feature; this model was fitted on 2',
  );
  expect(() => model.inverseTransform(X)).toThrow(
    'PcaModel.inverseTransform: Z has 2 columns; this model has 1 component',
  );
  const line = await pca(
    [
      [0, 0],
      [1, 0],
      [3, 0],
    ],
    { nComponents: 1 },
  );
  expect(() => line.scoreSamples(X)).toThrow(
    'PcaModel.scoreSamples: the model has a variance of 0, so no density; fit fewer components or drop constant columns',
  );
  expect(() =>
    PcaModel.fromJSON({ ...model.toJSON(), explainedVariance: saveArray(Float64Array.of(-1)) }),
  ).toThrow('PcaModel.fromJSON: explainedVariance must be numbers of at least 0');
  expect(() => PcaModel.fromJSON({ ...model.toJSON(), version: 1 })).toThrow(
    'PcaModel.fromJSON: this Cauda reads version 2 of "cauda.pca"; got version 1',
  );
});

test.each([
  [500, 320, 2],
  [500, 320, 1],
  [300, 320, 5],
  [64, 600, 3],
])('%i × %i with %i different columns in turn: all variance is in so many components', async (n, d, k) => {
  const random = new Random(7);
  const few = Float64Array.from({ length: n * k }, () => random.normal());
  const data = Float64Array.from({ length: n * d }, (_, at) => few[Math.floor(at / d) * k + ((at % d) % k)]!);
  const repeated = await pca(new Matrix(data, n, d));
  // d ÷ k copies of each column, to the last: components of the columns themselves, each weighted by its copies
  const copies = Float64Array.from({ length: k }, (_, c) => Math.sqrt(Math.ceil((d - c) / k)));
  const own = await pca(
    new Matrix(
      few.map((value, at) => value * copies[at % k]!),
      n,
      k,
    ),
  );
  for (let c = 0; c < k; c++) {
    expect(repeated.explainedVarianceRatio[c]).toBeCloseTo(own.explainedVarianceRatio[c]!, 12);
    expect(repeated.explainedVariance[c]! / own.explainedVariance[c]!).toBeCloseTo(1, 12);
  }
  expect(repeated.explainedVarianceRatio[k]).toBeLessThan(1e-14);
});

test.each([
  ['float64', Float64Array, [1e-150, 1e-30, 1e30, 1e150]],
  ['float32', Float32Array, [1e-30, 1e-20, 1e20, 1e30]],
] as const)('X → cX changes nothing but the unit over the range of %s', async (_, Floats, scales) => {
  const random = new Random(3);
  for (const [n, d] of [
    [40, 6],
    [6, 40],
  ] as const) {
    const data = Float64Array.from({ length: n * d }, (_, at) => random.normal() * (1 + (at % d)));
    const plain = await pca(new Matrix(Floats.from(data), n, d), { nComponents: 3 });
    for (const scale of scales) {
      const scaled = await pca(new Matrix(Floats.from(data.map((value) => value * scale)), n, d), {
        nComponents: 3,
      });
      for (let c = 0; c < 3; c++) {
        expect(scaled.explainedVarianceRatio[c]! / plain.explainedVarianceRatio[c]!).toBeCloseTo(1, 5);
        expect(scaled.explainedVariance[c]! / scale / scale / plain.explainedVariance[c]!).toBeCloseTo(1, 5);
      }
    }
  }
});

test('variances that underflow are refused', async () => {
  await expect(pca([[1e-200], [-1e-200]])).rejects.toThrow(
    'pca: the variances of X underflow; scale it up first',
  );
});
