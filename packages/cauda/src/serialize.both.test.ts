import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Matrix } from './matrix.ts';
import { FieldReader, saveArray, saveMatrix, saveSymmetric } from './serialize.ts';

const read = (value: unknown) => new FieldReader('read', JSON.parse(JSON.stringify({ value })));

test('an array is its little-endian bytes, in the smallest encoding that keeps every value', () => {
  expect(saveArray(Float64Array.of(1, 0.5))).toEqual({
    dtype: 'float64',
    shape: [2],
    encoding: 'float32',
    data: btoa('\0\0\x80\x3f\0\0\0\x3f'),
  });
  expect(saveArray(Float64Array.of(0.1)).encoding).toBe('float64');
  expect(saveArray(Float32Array.of(0.1)).encoding).toBe('float32');
  expect(saveArray(Int32Array.of(0, 255)).encoding).toBe('uint8');
  expect(saveArray(Int32Array.of(-1)).encoding).toBe('int32');
  expect(saveArray(Int32Array.of(256)).encoding).toBe('int32');
});

test('of a symmetric matrix only the lower triangle is kept', () => {
  const saved = saveSymmetric(Float64Array.of(1, 2, 4, 2, 3, 5, 4, 5, 6), [3, 3]);
  expect(saved).toMatchObject({ shape: [3, 3], lower: true });
  expect(saved.data).toBe(saveArray(Float64Array.of(1, 2, 3, 4, 5, 6)).data);
  expect(read(saved).tensor('value', [3, 3])).toEqual(Float64Array.of(1, 2, 4, 2, 3, 5, 4, 5, 6));
});

test('every array comes back to the bit, as what it was', () => {
  const doubles = fc.double({ noNaN: true, noDefaultInfinity: true });
  const floats = fc.float({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(fc.array(fc.oneof(doubles, floats), { maxLength: 20 }), (values) => {
      expect(read(saveArray(Float64Array.from(values))).numbers('value')).toEqual(Float64Array.from(values));
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 20 }), (values) => {
      expect(read(saveArray(Int32Array.from(values))).integers('value')).toEqual(Int32Array.from(values));
    }),
  );
  fc.assert(
    fc.property(fc.array(floats, { minLength: 6, maxLength: 6 }), fc.boolean(), (values, single) => {
      const data = single ? Float32Array.from(values) : Float64Array.from(values);
      expect(read(saveMatrix(new Matrix(data, 2, 3))).matrix('value', 2, 3)).toEqual(new Matrix(data, 2, 3));
    }),
  );
});

test('a value that is none of ours is refused by its field', () => {
  const good = saveArray(Float64Array.of(1, 2));
  const refusals: [unknown, string][] = [
    [null, 'read: value must be an array of 2 numbers; got null'],
    [{ ...good, shape: [3] }, 'read: value.data must hold 3 float32 values, 12 bytes; got 8'],
    [{ ...good, shape: [1, 2] }, 'read: value must be an array of 2 numbers; got an object (Object)'],
    [{ ...good, shape: [2 ** 52, 2 ** 52] }, 'bytes; got 8'],
    [{ ...good, encoding: 'toString' }, 'read: value must be an array of 2 numbers; got an object (Object)'],
    [{ ...good, dtype: 'float16' }, 'read: value must be an array of 2 numbers; got an object (Object)'],
    [{ ...good, data: '###' }, 'read: value.data must be base64 text; got "###"'],
    [{ ...good, data: 7 }, 'read: value.data must be base64 text; got 7'],
    [{ ...good, lower: true, shape: [2] }, 'square for lower triangles'],
    [{ ...good, lower: true, shape: [0, 0] }, 'square for lower triangles'],
    [saveArray(Float64Array.of(1, NaN)), 'read: value[1] must be a finite number; got NaN'],
    [saveArray(Float32Array.of(Infinity, 0)), 'read: value[0] must be a finite number; got Infinity'],
  ];
  for (const [value, message] of refusals)
    expect(() => read(value).numbers('value', 2), message).toThrow(message);
  expect(() => read(good).matrix('value')).toThrow(
    'read: value must be a matrix of n × d with dtype, shape, encoding and data; got an object (Object)',
  );
  expect(() => read(good).integers('value')).toThrow('read: value must be an array of integers; got');
  expect(() => read(good).tensor('value', [1, 2])).toThrow('read: value must be an array of 1 × 2; got');
});

test('text is read as text', () => {
  expect(read('as it is').string('value')).toBe('as it is');
  expect(() => read(7).string('value')).toThrow('read: value must be a string; got 7');
});
