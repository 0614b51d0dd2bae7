import { expect, test } from 'vitest';
import { sourceOf } from '../../../test/sources.ts';
import { Matrix } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { Source } from '../../source.ts';
import { drawnBatches } from './drawnBatches.ts';

test('a pass over a source gathers several batches, the ones that are drawn in memory', async () => {
  const random = new Random(1);
  const X = new Matrix(
    Float64Array.from({ length: 2000 }, () => random.normal()),
    1000,
    2,
  );
  const counted = sourceOf(X, 130);
  const source = await Source.open(counted, { who: 'test' });
  const weights = Float64Array.from({ length: 1000 }, (_, i) => i % 3);
  const [size, count] = [60_000, 5]; // two of these are gathered at a time
  const inMemory = drawnBatches(X, weights, size, count, { seed: 7 });
  let batches = 0;
  for await (const { rows, weights: own, random } of drawnBatches(source, weights, size, count, {
    seed: 7,
  })) {
    const expected = (await inMemory.next()).value!;
    const same = rows.data.every((value, at) => value === expected.rows.data[at]);
    expect(same && own!.every((weight, i) => weight === expected.weights![i])).toBe(true);
    expect(random.uint32()).toBe(expected.random.uint32()); // and what a step draws besides
    batches++;
  }
  expect(batches).toBe(count);
  expect((await inMemory.next()).done).toBe(true);
  expect(counted.begun).toBe(1 + 3); // the first one for the precision
});
