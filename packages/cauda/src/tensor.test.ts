import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { CsrMatrix } from './csr.ts';
import { Matrix, type MatrixLike } from './matrix.ts';

const from = (X: unknown): Matrix => Matrix.from(X as MatrixLike, { who: 'f: X' });
const rows = [
  [1, 2],
  [3, 4],
  [5, 6],
];

describe('types', () => {
  test('float16 is read from its bits: 0x4900 is 10, 0x3555 about a third, 0xc000 is −2, 0x0001 the least', () => {
    const data = Uint16Array.of(0x4900, 0x3555, 0xc000, 0x0001);
    for (const name of ['type', 'dtype'])
      for (const type of ['float16', 'half', '<f2', 'f2']) {
        const matrix = from({ [name]: type, data, dims: [2, 2] });
        expect(matrix.data).toEqual(Float32Array.of(10, 0.333251953125, -2, 2 ** -24));
      }
  });
  test('bfloat16 is the upper half of a float32', () => {
    const data = Uint16Array.of(0x3f80, 0xc120);
    expect(from({ type: 'bfloat16', data, dims: [1, 2] }).data).toEqual(Float32Array.of(1, -10));
  });
  test('halves that were read already are values', () => {
    const data = Float32Array.of(10);
    expect(from({ dtype: 'float16', data, shape: [1, 1] }).data).toBe(data);
  });
  test.each([
    ['float32', Float32Array.of(1, 2)],
    ['float64', Float64Array.of(1, 2)],
    ['<f8', Float64Array.of(1, 2)],
    ['int32', Int32Array.of(1, 2)],
    ['int64', BigInt64Array.of(1n, 2n)],
    ['uint64', BigUint64Array.of(1n, 2n)],
    ['uint8', Uint8Array.of(1, 2)],
    ['bool', Uint8Array.of(1, 2)],
    ['|u1', Uint8Array.of(1, 2)],
    ['uint8_clamped', Uint8ClampedArray.of(1, 2)],
    ['generic', [1, 2]],
    ['float32', [1, 2]],
  ])('%s', (type, data) => {
    expect(from({ type, data, dims: [1, 2] }).toArray()).toEqual([[1, 2]]);
    expect(from({ dtype: type, data, shape: [1, 2] }).toArray()).toEqual([[1, 2]]);
  });
  test.each([
    ['string', ['a', 'b'], 'f: X: type must be a type of numbers (float64, '],
    ['complex64', new Float32Array(2), 'f: X: type must be a type of numbers (float64, '],
    ['uint4', new Uint8Array(2), 'bool); got "uint4"'],
    ['>f8', new Float64Array(2), 'got ">f8"'],
    [7, new Float64Array(2), 'bool); got 7'],
    [
      'float32',
      new Uint8Array(2),
      'f: X: type is "float32", and data is Uint8Array(2), which may be values or bits',
    ],
    [
      'int8',
      new Uint8Array(2),
      'f: X: type is "int8", and data is Uint8Array(2), which may be values or bits',
    ],
    ['float16', [18688, 0], 'f: X: type is "float16", and data is an array of plain numbers, which may be'],
  ])('%s of %o is refused', (type, data, message) => {
    expect(() => from({ type, data, dims: [1, 2] })).toThrow(message);
  });
  test('a sparse matrix heeds them too, and refuses compressed columns', () => {
    const one = { indices: BigInt64Array.of(1n), indptr: BigInt64Array.of(0n, 1n), shape: [1, 2] };
    const half = { ...one, data: Uint16Array.of(0x4900), dtype: 'float16' };
    expect(CsrMatrix.from(half).row(0)).toEqual(Float32Array.of(0, 10));
    expect(CsrMatrix.from({ ...one, data: Int32Array.of(1764423601) }).row(0)[1]).toBe(1764423601);
    expect(() => CsrMatrix.from({ ...half, format: 'csc' }, 'f: X')).toThrow(
      'f: X: format must be "csr", compressed rows; got "csc"',
    );
  });
});

describe('how data lie', () => {
  const columns = Float32Array.of(1, 3, 5, 2, 4, 6);
  const gap = Float64Array.of(9, 1, 2, 9, 3, 4, 9, 5, 6);
  test.each([
    ['stride', { data: columns, shape: [3, 2], stride: [1, 3] }],
    ['strides', { data: columns, shape: [3, 2], strides: [1, 3], offset: 0, order: 'column-major' }],
    ['strides of a typed array', { data: columns, shape: [3, 2], strides: Int32Array.of(1, 3) }],
    ['an offset and a gap', { data: gap, shape: [3, 2], stride: [3, 1], offset: 1 }],
    ['negative strides', { data: [6, 5, 4, 3, 2, 1], shape: [3, 2], stride: [-2, -1], offset: 5 }],
    ['fortranOrder', { data: columns, shape: [3, 2], fortranOrder: true }],
    ['fortran_order', { data: columns, shape: [3, 2], fortran_order: true }],
    ['order', { data: columns, dims: [3, 2], order: 'F' }],
    ['order of integers', { data: Int32Array.from(columns), dims: [3, 2], order: 'column-major' }],
    ['row-major', { data: [1, 2, 3, 4, 5, 6], dims: [3, 2], order: 'C', fortranOrder: false }],
    ['an offset', { data: [9, 9, 1, 2, 3, 4, 5, 6, 7], shape: [3, 2], offset: 2 }],
  ])('%s', (_, X) => {
    expect(from(X).toArray()).toEqual(rows);
  });
  test('a window of the same memory is a view', () => {
    const data = Float64Array.of(9, 1, 2, 3, 4);
    const matrix = from({ data, shape: [2, 2], offset: 1 });
    expect(matrix.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(matrix.data.buffer).toBe(data.buffer);
  });
  test.each([
    [{ stride: [1] }, 'f: X: stride must be 2 integers, one a dimension; got [1]'],
    [{ strides: [1, 0.5] }, 'f: X: strides must be 2 integers, one a dimension; got [1, 0.5]'],
    [
      { strides: [16, 8] },
      'f: X: shape [3, 2] with strides [16, 8] and offset 0 reads the elements 0 to 40; data has 6 (strides and offset count elements, not bytes)',
    ],
    [
      { offset: 1 },
      'f: X: shape [3, 2] with strides [2, 1] and offset 1 reads the elements 1 to 6; data has 6',
    ],
    [{ offset: -1 }, 'f: X: offset must be an integer ≥ 0; got -1'],
    [{ order: 'K' }, 'f: X: order must be "row-major" ("C") or "column-major" ("F"); got "K"'],
    [{ fortranOrder: 'yes' }, 'f: X: fortranOrder must be true or false; got "yes"'],
  ])('%o is refused', (format, message) => {
    expect(() => from({ data: columns, shape: [3, 2], ...format })).toThrow(message);
  });
});

describe('arrays from another context', () => {
  test.each([
    ['Float64Array.of(1, 2, 3, 4, 5, 6)', 'float64'],
    ['Float32Array.of(1, 2, 3, 4, 5, 6)', 'float32'],
    ['Int32Array.of(1, 2, 3, 4, 5, 6)', 'float64'],
    ['Uint8Array.of(1, 2, 3, 4, 5, 6)', 'float32'],
    ['BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n)', 'float64'],
    ['[1, 2, 3, 4, 5, 6]', 'float64'],
  ])('%s', (code, dtype) => {
    const matrix = from(runInNewContext(`({ data: ${code}, shape: [3, 2] })`));
    expect(matrix.dtype).toBe(dtype);
    expect(matrix.toArray()).toEqual(rows);
    expect(matrix.data instanceof (dtype === 'float64' ? Float64Array : Float32Array)).toBe(true);
    const listed = from(runInNewContext(`const d = ${code}; [d.slice(0, 2), d.slice(2, 4), d.slice(4)]`));
    expect([listed.dtype, listed.toArray()]).toEqual([dtype, rows]);
  });
  test('floats are not copied, and a view keeps its offset', () => {
    const data = runInNewContext('Float64Array.of(9, 1, 2).subarray(1)');
    const matrix = from({ data, shape: [1, 2] });
    expect(matrix.toArray()).toEqual([[1, 2]]);
    expect(matrix.data.buffer).toBe(data.buffer);
    expect(new Matrix(data, 1, 2).dtype).toBe('float64');
  });
  test('shared memory and frozen arrays are taken, and stay as they were', () => {
    const shared = new Float64Array(new SharedArrayBuffer(16));
    shared.set([1, 2]);
    expect(from({ data: shared, shape: [1, 2] }).toArray()).toEqual([[1, 2]]);
    const frozen = Object.freeze([Object.freeze([1, 2])]);
    expect(from(frozen).toArray()).toEqual([[1, 2]]);
    expect(() => from({ data: new DataView(new ArrayBuffer(16)), shape: [1, 2] })).toThrow(TypeError);
  });
});
