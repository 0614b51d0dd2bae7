import { describe, expect, test } from 'vitest';
import { kmeans } from '../src/index.ts';
import { dataset, matrix, oracle, worstError } from './oracles.ts';

// biome-ignore lint/suspicious/noExplicitAny: described in fixtures/oracles/README.md
const cases: any[] = oracle('kmeans');

/** Row 11 of iris is exactly as far from row 0 as from row 2; rounding the data to float32 breaks the tie. */
const TIED = 'iris/first_rows/max_iter=1,tol=0';

describe('kmeans gives what scikit-learn gives', () => {
  for (const dtype of ['float64', 'float32'] as const)
    test.each(cases.filter((c) => dtype === 'float64' || c.name !== TIED).map((c) => [c.name, c]))(
      `${dtype} %s`,
      async (_, c) => {
        const { X } = dataset(c.dataset, dtype);
        const model = await kmeans(X, {
          nClusters: c.params.n_clusters,
          init: matrix(c.init),
          maxIter: c.params.max_iter,
          tol: c.params.tol,
          ...(c.sample_weight ? { sampleWeight: c.sample_weight } : {}),
        });
        const short = c.params.max_iter <= 5;
        const single = dtype === 'float32';
        expect(worstError(model.centers.data, c.cluster_centers.data)).toBeLessThan(
          single ? 1e-3 : short ? 1e-9 : 1e-6,
        );
        expect(Math.abs(model.inertia / c.inertia - 1)).toBeLessThan(single ? 1e-5 : short ? 1e-9 : 1e-6);
        expect(model.nIter).toBe(c.n_iter);
        if (c.min_label_margin > (single ? 1e-3 : 1e-9)) expect(Array.from(model.labels)).toEqual(c.labels);
        expect(model.predict(X)).toEqual(model.labels);
        if (!c.sample_weight)
          expect(Math.abs(model.score(X) / c.score - 1)).toBeLessThan(single ? 1e-5 : 1e-6);
        const head = model.transform({ data: X.data.slice(0, 5 * X.cols), shape: [5, X.cols] });
        expect(worstError(head.data, c.transform_head5.data)).toBeLessThan(
          single ? 1e-3 : short ? 1e-9 : 1e-6,
        );
      },
    );
});

test('a tie that float32 breaks the other way is decided by the float32 values', async () => {
  const { X } = dataset('iris', 'float32');
  const model = await kmeans(X, { nClusters: 3, init: X.take([0, 1, 2]), maxIter: 1 });
  const squared = (i: number, k: number) =>
    Array.from(X.row(i)).reduce((sum, value, j) => sum + (value - X.row(k)[j]!) ** 2, 0);
  expect(squared(11, 0)).toBeLessThan(squared(11, 2));
  const first = Array.from({ length: X.rows }, (_, i) => i).filter(
    (i) => squared(i, 0) <= squared(i, 1) && squared(i, 0) <= squared(i, 2),
  );
  const mean = (j: number) => first.reduce((sum, i) => sum + X.row(i)[j]!, 0) / first.length;
  expect(first).toContain(11);
  expect(worstError(model.centers.row(0), [0, 1, 2, 3].map(mean))).toBeLessThan(1e-6);
});
