import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kmeans, Matrix, Random } from '../src/index.ts';
import { readCsv, readIdx, readNpy, readNpz, writeIdx, writeNpy } from '../src/io/index.ts';
import { compress, damage, damages, readOrRefuse } from './damage.ts';
import fixtures from './fixtures/npy/fixtures.json';

const archive = Buffer.from(fixtures.archives.find(({ name }) => name === 'deflated')!.bytes, 'base64');

test('twenty thousand damaged files are read or refused with a sentence, and never hang', async () => {
  const idx = writeIdx(
    Uint8Array.from({ length: 60 }, (_, i) => i),
    [5, 3, 4],
  );
  const npy = writeNpy(
    Float64Array.from({ length: 30 }, (_, i) => i / 7),
    [5, 6],
  );
  const csv = new TextEncoder().encode('a,"b ""c""",d\r\n1,2,3\r\n4.5,-6e3,7\r\n');
  const files: [who: string, bytes: Uint8Array, read: (bytes: Uint8Array) => unknown][] = [
    ['idx', idx, readIdx],
    ['idx', await compress(idx), readIdx],
    ['npy', npy, readNpy],
    ['npz', new Uint8Array(archive), readNpz],
    ['csv', csv, (bytes) => readCsv(bytes)],
  ];
  for (const [who, bytes, read] of files)
    await fc.assert(
      fc.asyncProperty(damages, async (changes) => {
        await readOrRefuse(who, () => read(damage(bytes, changes)));
      }),
      { numRuns: 4000 },
    );
});

test('K-means agrees with Lloyd’s algorithm written out, on hundreds of random problems', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 6 }),
      fc.nat(1e6),
      async (n, d, k, seed) => {
        const random = new Random(seed);
        const X = new Matrix(
          Float64Array.from({ length: n * d }, () => random.normal()),
          n,
          d,
        );
        const start = X.take(random.choice(n, Math.min(k, n)));
        const textbook = textbookLloyd(X.toArray(), start.toArray());
        fc.pre(textbook !== undefined);
        const { centers, labels } = textbook!;
        const model = await kmeans(X, { nClusters: start.rows, init: start, tol: 0 });
        expect(Array.from(model.labels)).toEqual(labels);
        model.centers.toArray().forEach((center, c) => {
          center.forEach((value, j) => {
            expect(value).toBeCloseTo(centers[c]![j]!, 10);
          });
        });
      },
    ),
    { numRuns: 800 },
  );
});

/** Lloyd's algorithm, or undefined where a cluster becomes empty: what then happens is a convention. */
function textbookLloyd(
  X: number[][],
  start: number[][],
): { centers: number[][]; labels: number[] } | undefined {
  let centers = start;
  let labels: number[] = [];
  for (;;) {
    const next = X.map((row) => {
      const distances = centers.map((center) => center.reduce((sum, c, j) => sum + (row[j]! - c) ** 2, 0));
      return distances.indexOf(Math.min(...distances));
    });
    if (next.every((label, i) => label === labels[i])) return { centers, labels };
    labels = next;
    const clusters = centers.map((_, c) => X.filter((_, i) => labels[i] === c));
    if (clusters.some((own) => own.length === 0)) return undefined;
    centers = clusters.map((own) =>
      own[0]!.map((_, j) => own.reduce((sum, row) => sum + row[j]!, 0) / own.length),
    );
  }
}
