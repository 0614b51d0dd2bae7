import { describe, expect, test } from 'vitest';
import { Matrix } from '../matrix.ts';
import { Random } from '../random.ts';
import { kmeans } from './index.ts';

/** Rows around `k` places. */
function clouds(n: number, d: number, k: number, dtype: 'float32' | 'float64' = 'float64'): Matrix {
  const random = new Random(9);
  const places = Float64Array.from({ length: k * d }, () => 5 * random.normal());
  const data = new (dtype === 'float64' ? Float64Array : Float32Array)(n * d).map(
    (_, i) => places[(Math.floor(i / d) % k) * d + (i % d)]! + random.normal(),
  );
  return new Matrix(data, n, d);
}

describe('sizes, inertias and radii', () => {
  test('by hand', async () => {
    const model = await kmeans([[0], [1], [10], [13], [50]], {
      nClusters: 2,
      init: [[0], [10]],
      sampleWeight: [1, 3, 1, 1, 0],
      tol: 0,
    });
    expect(model.centers.toArray()).toEqual([[0.75], [11.5]]);
    expect(Array.from(model.sizes)).toEqual([2, 2]);
    expect(Array.from(model.inertias)).toEqual([0.75 ** 2 + 3 * 0.25 ** 2, 2 * 1.5 ** 2]);
    expect(Array.from(model.radii)).toEqual([0.75, 1.5]);
  });

  test.each(['float32', 'float64'] as const)('are what labels and transform say, %s', async (dtype) => {
    const X = clouds(700, 5, 6, dtype);
    const holes = new Random(4);
    const incomplete = new Matrix(
      X.data.map((v) => (holes.uniform() < 0.1 ? NaN : v)),
      X.rows,
      X.cols,
    );
    const sampleWeight = Float64Array.from({ length: X.rows }, () => holes.integer(3));
    const fits = [
      [X, {}],
      [X, { sampleWeight }],
      [X, { metric: 'cosine' }],
      [X, { metric: 'cosine', sampleWeight }],
      [incomplete, { missing: 'observed' }],
      [incomplete, { missing: { prior: 'gaussian', variance: 0.4 }, sampleWeight }],
    ] as const;
    for (const [rows, options] of fits) {
      const model = await kmeans(rows, { nClusters: 6, ...options });
      const weights = 'sampleWeight' in options ? sampleWeight : new Float64Array(X.rows).fill(1);
      const distances = model.transform(rows);
      const sizes = new Int32Array(6);
      const inertias = new Float64Array(6);
      const radii = new Float64Array(6);
      model.labels.forEach((label, i) => {
        const distance = distances.row(i)[label]!;
        if (weights[i] === 0) return;
        sizes[label]!++;
        inertias[label]! += weights[i]! * ('metric' in options ? distance : distance ** 2);
        radii[label] = Math.max(radii[label]!, distance);
      });
      expect(model.sizes).toEqual(sizes);
      expect(model.radii).toEqual(radii);
      for (let k = 0; k < 6; k++) expect(model.inertias[k]! / inertias[k]!).toBeCloseTo(1, 12);
      const sum = model.inertias.reduce((a, b) => a + b);
      expect(sum / model.inertia).toBeCloseTo(1, 12);
      if (!('sampleWeight' in options)) expect(-model.score(rows) / model.inertia).toBeCloseTo(1, 12);
    }
  });
});
