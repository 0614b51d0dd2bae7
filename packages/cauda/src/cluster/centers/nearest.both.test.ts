import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Matrix } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { kmeans } from '../index.ts';

describe('nearest', () => {
  test('is predict for one row: in both precisions, with ties, offsets, missing entries and directions', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 33 }),
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom('float32' as const, 'float64' as const),
        fc.constantFrom('plain' as const, 'observed' as const, 'prior' as const, 'cosine' as const),
        fc.constantFrom(0, 1e4),
        fc.nat(1e6),
        async (d, k, dtype, kind, offset, seed) => {
          const random = new Random(seed);
          const n = 40;
          const data = new (dtype === 'float64' ? Float64Array : Float32Array)(n * d).map((_, i) =>
            i >= d && random.integer(5) === 0 && (kind === 'observed' || kind === 'prior')
              ? NaN
              : random.integer(3) + offset + 0.1 * (kind === 'cosine' ? 1 : 0),
          );
          const X = new Matrix(data, n, d);
          const model = await kmeans(X, {
            nClusters: k,
            maxIter: 2,
            allowFewer: true,
            ...(kind === 'observed' ? { missing: 'observed' } : {}),
            ...(kind === 'prior' ? { missing: { prior: 'gaussian', variance: 1 } } : {}),
            ...(kind === 'cosine' ? { metric: 'cosine' } : {}),
          });
          for (let i = 0; i < n; i++) {
            expect(model.nearest(X.row(i))).toBe(model.labels[i]);
            expect(model.nearest(Array.from(X.row(i)))).toBe(model.labels[i]);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test('refuses what is no row of the model', async () => {
    const model = await kmeans(
      [
        [1, 2],
        [3, 4],
      ],
      { nClusters: 2 },
    );
    expect(Object.isFrozen(model)).toBe(true);
    const refused = (row: unknown, message: string) =>
      expect(() => model.nearest(row as number[])).toThrow(`KMeansModel.nearest: ${message}`);
    refused([1], 'row must have 2 values, the features of this model; got an array of 1');
    refused(undefined, 'row must have 2 values, the features of this model; got undefined');
    refused([1, NaN], 'row[1] is NaN; expected finite values');
    refused([Infinity, 1], 'row[0] is Infinity; expected finite values');
    refused([1, '2'], 'row[1] is "2"; expected finite values');
    expect(model.nearest([3, 4])).toBe(model.predict([[3, 4]])[0]); // and answers as before
  });
});
