import { expect, test } from 'vitest';
import { Matrix, type MatrixLike } from '../../../matrix.ts';
import type { Views } from '../../../views.ts';
import { inBlocks, scoreInBlocks } from './blocks.ts';

const column = (n: number): Matrix =>
  new Matrix(
    Float64Array.from({ length: n }, (_, i) => i),
    n,
    1,
  );
const firsts = ({ features }: Views): number[] => Array.from(Matrix.from(features as MatrixLike).data);

test('every row is asked about once, in order, with its parts together', async () => {
  const asked = await inBlocks(
    { features: column(1000), layers: [column(1000)], logits: column(1000), digest: 'd' },
    undefined,
    ({ features, layers, logits, digest }) => {
      expect(layers![0]).toEqual(features);
      expect(logits).toEqual(features);
      expect(digest).toBe('d');
      return firsts({ features: features! });
    },
  );
  expect(asked.length).toBeGreaterThan(1);
  expect(asked.flat()).toEqual(firsts({ features: column(1000) }));
});

test('timers run and a signal is heard while a long batch is asked about', async () => {
  const controller = new AbortController();
  const started = performance.now();
  setTimeout(() => controller.abort(new Error('enough')), 60);
  const slow = (): Float64Array => {
    const until = performance.now() + 15;
    while (performance.now() < until);
    return new Float64Array(64);
  };
  const control = { signal: controller.signal };
  await expect(scoreInBlocks('f', { features: column(100_000) }, control, slow)).rejects.toThrow('enough');
  expect(performance.now() - started).toBeLessThan(5000); // all blocks would take 23 seconds
});

test('what cannot be cut into rows is asked about whole, so that the asked says what is wrong', async () => {
  for (const views of [
    {},
    { features: column(3), logits: column(2) },
    { features: [[Number.NaN]] },
    null as never,
  ]) {
    const asked: Views[] = [];
    await inBlocks(views, undefined, (rows) => asked.push(rows));
    expect(asked).toEqual([views]);
    expect(asked[0]).toBe(views);
  }
});
