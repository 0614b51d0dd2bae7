import { describe, expect, it } from 'vitest';
import { countingRows, relativeWeights } from './countingRows.ts';
import { Matrix } from './matrix.ts';
import { Source } from './source.ts';

describe('relativeWeights', () => {
  it('divides by a power of two, and takes equal weights for none', () => {
    expect(relativeWeights(undefined)).toEqual({ sampleWeight: undefined, unit: 1 });
    expect(relativeWeights(Float64Array.of(3, 3))).toEqual({ sampleWeight: undefined, unit: 3 });
    expect(relativeWeights(Float64Array.of(1, 6))).toEqual({
      sampleWeight: Float64Array.of(0.25, 1.5),
      unit: 4,
    });
    expect(relativeWeights(Float64Array.of(2 ** -1074, 2 ** -1073))).toEqual({
      sampleWeight: Float64Array.of(0.5, 1),
      unit: 2 ** -1073,
    });
    expect(relativeWeights(Float64Array.of(2 ** 1023, 2 ** 1022)).sampleWeight).toEqual(
      Float64Array.of(1, 0.5),
    );
  });
});

describe('countingRows', () => {
  const X = Matrix.from([[0], [1], [2], [3], [4], [5]]);
  const weights = Float64Array.of(0, 4, 0, 0, 8, 0);

  it('leaves out the rows of weight 0, in memory and in a source', async () => {
    const { X: counting, indices, sampleWeight, unit } = countingRows(X, weights);
    expect(counting.toArray()).toEqual([[1], [4]]);
    expect({ indices, sampleWeight, unit }).toEqual({
      indices: Int32Array.of(1, 4),
      sampleWeight: Float64Array.of(0.5, 1),
      unit: 8,
    });
    const read = async function* () {
      for (let from = 0; from < 6; from += 2) yield X.take([from, from + 1]);
    };
    const source = await Source.open({ rows: 6, cols: 1, read }, { who: 'countingRows' });
    const some = countingRows(source, weights).X;
    expect([some.rows, some.cols]).toEqual([2, 1]);
    const blocks: number[][] = [];
    for await (const block of some.read()) blocks.push(Array.from(block.data));
    expect(blocks).toEqual([[1], [4]]);
  });

  it('gives back the rows themselves where all count', () => {
    expect(countingRows(X, undefined).X).toBe(X);
    expect(countingRows(X, new Float64Array(6).fill(2))).toEqual({
      X,
      indices: undefined,
      sampleWeight: undefined,
      unit: 2,
    });
  });
});
