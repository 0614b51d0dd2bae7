import { describe, expect, test } from 'vitest';
import { Matrix, type MatrixLike } from './matrix.ts';

describe('what counts as a matrix', () => {
  test('typed arrays keep their precision without a copy', () => {
    for (const data of [Float64Array.of(1, 2, 3, 4, 5, 6), Float32Array.of(1, 2, 3, 4, 5, 6)]) {
      const matrix = Matrix.from({ data, shape: [2, 3] });
      expect(matrix.data).toBe(data);
      expect(matrix.shape).toEqual([2, 3]);
      expect(matrix.dtype).toBe(data instanceof Float64Array ? 'float64' : 'float32');
    }
  });
  test('a matrix is taken as it is', () => {
    const matrix = new Matrix(Float64Array.of(1), 1, 1);
    expect(Matrix.from(matrix)).toBe(matrix);
  });
  test('a tensor of ONNX Runtime or transformers.js is taken by its dims', () => {
    expect(Matrix.from({ data: new Float32Array(24), dims: [2, 12] }).shape).toEqual([2, 12]);
  });
  test('integers of 32 and 64 bits and plain numbers become float64, shorter integers float32', () => {
    const seconds = 1764423600;
    for (const data of [
      Int32Array.of(seconds, seconds + 1),
      Uint32Array.of(seconds, seconds + 1),
      BigInt64Array.of(BigInt(seconds), BigInt(seconds + 1)),
      BigUint64Array.of(BigInt(seconds), BigInt(seconds + 1)),
      [seconds, seconds + 1],
    ]) {
      expect(Matrix.from({ data, shape: [2, 1] }).data).toEqual(Float64Array.of(seconds, seconds + 1));
      expect(Matrix.from([data] as MatrixLike).data).toEqual(Float64Array.of(seconds, seconds + 1));
    }
    for (const Type of [Int16Array, Uint16Array, Int8Array, Uint8Array, Uint8ClampedArray]) {
      expect(Matrix.from({ data: Type.of(7, 100), shape: [1, 2] }).data).toEqual(Float32Array.of(7, 100));
      expect(Matrix.from([Type.of(7, 100)]).data).toEqual(Float32Array.of(7, 100));
    }
    expect(Matrix.from({ data: [0.1, 0.2], shape: [2, 1] }).data).toEqual(Float64Array.of(0.1, 0.2));
    expect(Matrix.from([[0.1], [0.2]]).dtype).toBe('float64');
    expect(Matrix.from([Float32Array.of(1), Float32Array.of(2)]).dtype).toBe('float32');
    expect(Matrix.from([Float32Array.of(1), [0.1]]).data).toEqual(Float64Array.of(1, 0.1));
  });
});

/** The same without the second entry. */
function withHole(values: unknown[]): unknown[] {
  delete values[1];
  return values;
}

describe('errors', () => {
  const refused: [X: unknown, message: string][] = [
    [[], 'f: X: expected at least one row and one column; got 0 × 0'],
    [[[]], 'f: X: expected at least one row and one column; got 1 × 0'],
    [[[1, 2], [3]], 'f: X: row 1 has 1 value but row 0 has 2; all rows need the same length'],
    [[[1, '2']], 'f: X: row 0, column 1: expected a number; got "2"'],
    [
      [1, 2],
      'f: X: expected an array of rows; got an array of 1; if it is one row, say [row]; if it is one column, say column.map((value) => [value])',
    ],
    [
      [
        [1, 2],
        [3, NaN],
      ],
      'f: X: row 1, column 1 is NaN; expected finite values',
    ],
    [[[1, Infinity]], 'f: X: row 0, column 1 is Infinity; expected finite values'],
    [{ data: new Float32Array(5), shape: [2, 3] }, 'f: X: shape [2, 3] needs 6 values; data has 5'],
    [{ data: new Float32Array(5), dims: [5] }, 'f: X: dims must be [rows, columns]; got [5]'],
    [
      { data: new Float32Array(24), dims: [2, 3, 2, 2] },
      'f: X: dims must be [rows, columns]; got 4 dimensions, [2, 3, 2, 2]; if each row is all that follows the first, say [2, 12]; a guard pools feature maps given as { data, dims, layout }',
    ],
    [
      { data: new Float32Array(8), shape: [2, 2, 2] },
      'f: X: shape must be [rows, columns]; got 3 dimensions, [2, 2, 2]',
    ],
    [{ data: new Float32Array(5), shape: [-1, -5] }, 'f: X: shape must be [rows, columns]; got [-1, -5]'],
    [{ data: [1, 'x'], shape: [1, 2] }, 'f: X: row 0, column 1: expected a number; got "x"'],
    [
      { data: BigInt64Array.of(1n, 2n ** 53n), shape: [1, 2] },
      'f: X: row 0, column 1 is 9007199254740992, beyond the integers that a double holds exactly (2^53); subtract an offset first',
    ],
    [null, 'f: X: expected a Matrix, { data, shape }, { data, dims } or an array of rows; got null'],
    ['text', 'f: X: expected a Matrix, { data, shape }, { data, dims } or an array of rows; got "text"'],
    [
      { data: 3, shape: [1, 1] },
      'f: X: expected a Matrix, { data, shape }, { data, dims } or an array of rows; got { data, shape }',
    ],
    [
      [{ a: 1 }],
      'f: X: row 0 must be an array of numbers; got an object (Object); list the values of its columns, as in rows.map((row) => [row.a, row.b])',
    ],
    [[[1], null], 'f: X: row 1 must be an array of numbers; got null'],
    [withHole([[1], [], [2]]), 'f: X: row 1 must be an array of numbers; got a hole'],
    [[[1], undefined], 'f: X: row 1 must be an array of numbers; got undefined'],
    [[withHole([1, 0, 3])], 'f: X: row 0, column 1: expected a number; got a hole'],
    [[[1, null]], 'f: X: row 0, column 1: expected a number; got null'],
    [[[1, true]], 'f: X: row 0, column 1: expected a number; got true'],
    [[[1, 2n]], 'f: X: row 0, column 1: expected a number; got 2n, a bigint'],
    [{ data: withHole([1, 0, 3]), shape: [1, 3] }, 'f: X: row 0, column 1: expected a number; got a hole'],
    [{ data: [1, 2n], shape: [2, 1] }, 'f: X: row 1, column 0: expected a number; got 2n, a bigint'],
    [
      Float32Array.of(1, 2),
      'got Float32Array(2), which has one dimension; if it is one row, say { data, shape: [1, 2] }; if it is one column, { data, shape: [2, 1] }',
    ],
    [['ab'], 'f: X: expected an array of rows; got an array of "ab"'],
    [{ datas: [1], shape: [1, 1] }, 'or an array of rows; got { datas, shape }'],
  ];
  test.each(refused.map(([X, message]) => [message, X] as const))('%s', (message, X) => {
    expect(() => Matrix.from(X as MatrixLike, { who: 'f: X' })).toThrow(message);
  });
  test('the length must fit the shape', () => {
    expect(() => new Matrix(new Float64Array(3), 2, 2)).toThrow('matrix: 2 × 2 needs 4 values; got 3');
  });
  test('NaN is let through where it marks a missing entry, infinity is not', () => {
    expect(Matrix.from([[NaN, 1]], { allowNaN: true }).data[0]).toBeNaN();
    expect(() => Matrix.from([[NaN, Infinity]], { allowNaN: true })).toThrow('row 0, column 1 is Infinity');
  });
});

test('rows, take and toArray', () => {
  const matrix = Matrix.from([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  expect(Array.from(matrix.row(1))).toEqual([3, 4]);
  expect(matrix.take([2, 0]).toArray()).toEqual([
    [5, 6],
    [1, 2],
  ]);
  expect(() => matrix.row(3)).toThrow('matrix: row must be an integer in [0, 2]; got 3');
  expect(Object.isFrozen(matrix)).toBe(true);
});
