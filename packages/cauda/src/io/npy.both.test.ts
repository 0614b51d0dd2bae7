import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { damage, damages, readOrRefuse } from '../../test/damage.ts';
import fixtures from '../../test/fixtures/npy/fixtures.json';
import { readNpy, writeNpy } from './npy.ts';

const unpack = (base64: string) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
const fixture = (name: string) => unpack(fixtures.files.find((file) => file.name === name)!.bytes);
const refused = (name: string) => unpack(fixtures.refused.find((file) => file.name === name)!.bytes);

/** A .npy file with the given header text and values. */
function npy(text: string, values: readonly number[] = [], version: readonly number[] = [1, 0]): Uint8Array {
  const header = new TextEncoder().encode(text);
  const length = version[0] === 1 ? [header.length & 255, header.length >> 8] : [header.length, 0, 0, 0];
  return Uint8Array.of(0x93, 78, 85, 77, 80, 89, ...version, ...length, ...header, ...values);
}

const anyArray = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.int8Array({ maxLength: 40 }),
  fc.uint16Array({ maxLength: 40 }),
  fc.int16Array({ maxLength: 40 }),
  fc.uint32Array({ maxLength: 40 }),
  fc.int32Array({ maxLength: 40 }),
  fc.float32Array({ maxLength: 40 }),
  fc.float64Array({ maxLength: 40 }),
);

describe('readNpy', () => {
  test.each(fixtures.files)('reads what NumPy wrote: $name', ({ bytes, descr, shape, data }) => {
    const read = readNpy(unpack(bytes));
    expect(read.shape).toEqual(shape);
    expect(read.descr).toBe(descr);
    expect(Array.from(read.data)).toEqual(
      data.map((v) => (v === 'inf' ? Infinity : v === '-inf' ? -Infinity : Number(v))),
    );
  });

  test.each([
    ['|b1', Uint8Array],
    ['|i1', Int8Array],
    ['|u1', Uint8Array],
    ['<i2', Int16Array],
    ['>u2', Uint16Array],
    ['>i4', Int32Array],
    ['<u4', Uint32Array],
    ['<i8', Float64Array],
    ['>u8', Float64Array],
    ['<f2', Float32Array],
    ['>f4', Float32Array],
    ['<f8', Float64Array],
  ])('reads %s into the smallest array that holds it', (descr, expected) => {
    const { bytes } = fixtures.files.find((file) => file.descr === descr)!;
    expect(readNpy(unpack(bytes)).data).toBeInstanceOf(expected);
  });

  test('keeps the sign of a half-precision zero', () => {
    expect(Object.is(readNpy(fixture('half-precision corners')).data[1], -0)).toBe(true);
  });

  test('reads headers as Python 2 and other writers make them', () => {
    const text = `{"shape":(2L,), "fortran_order":False, "descr":"|u1"}\n`;
    expect(readNpy(npy(text, [5, 6]))).toEqual({ data: Uint8Array.of(5, 6), shape: [2], descr: '|u1' });
  });

  test.each([
    ['complex', 'npy: expected a type of booleans, integers or floats of 1 to 8 bytes; got "<c16"'],
    ['text', 'npy: expected a type of booleans, integers or floats of 1 to 8 bytes; got "<U1"'],
    [
      'structured',
      `npy: expected a type of booleans, integers or floats of 1 to 8 bytes; got "[('a', '<i4'), ('b', '<f8')]"`,
    ],
    ['objects', 'npy: expected a type of booleans, integers or floats of 1 to 8 bytes; got "|O"'],
    [
      'int64 beyond doubles',
      'npy: value 1 is 9007199254740993, which a double cannot hold exactly; store the array as float64 or int32',
    ],
    [
      'uint64 beyond doubles',
      'npy: value 0 is 18446744073709551615, which a double cannot hold exactly; store the array as float64 or int32',
    ],
  ])('refuses %s in a sentence', (name, message) => {
    expect(() => readNpy(refused(name))).toThrow(new RangeError(message));
  });

  const head = (shape: string) => `{'descr': '<f8', 'fortran_order': False, 'shape': ${shape}, }\n`;
  test.each([
    ['no bytes', new Uint8Array(0), 'npy: expected a file that begins with \\x93NUMPY; got no bytes'],
    [
      'another format',
      Uint8Array.of(80, 75, 3, 4, 5, 6, 7),
      'npy: expected a file that begins with \\x93NUMPY; got bytes 80, 75, 3, 4, 5, 6',
    ],
    ['a later version', npy('', [], [4, 0]), 'npy: expected version 1.0, 2.0 or 3.0; got 4.0'],
    ['a cut prefix', npy('').slice(0, 9), 'npy: the file ends within its header, after 9 bytes'],
    [
      'a cut header',
      npy(head('(1,)')).slice(0, 30),
      'npy: the header claims 58 bytes; the file has only 20 more',
    ],
    [
      'too few values',
      npy(head('(2, 3)'), [1, 2, 3]),
      'npy: shape (2, 3) of "<f8" needs 48 bytes after the header; got 3',
    ],
    [
      '2^40 elements',
      npy(head('(1099511627776,)')),
      'npy: shape (1099511627776) of "<f8" needs 8796093022208 bytes after the header; got 0',
    ],
    [
      'an endless shape',
      npy(head(`(${'9'.repeat(400)},)`)),
      'npy: shape (Infinity) of "<f8" needs Infinity bytes after the header; got 0',
    ],
    [
      'a negative size',
      npy(head('(-1,)')),
      "npy: expected a header with 'descr', 'fortran_order' and 'shape'; got ",
    ],
    [
      '65 dimensions',
      npy(head(`(${'1,'.repeat(65)})`)),
      'npy: expected a shape of at most 64 dimensions; got "(1,1,',
    ],
    [
      'a shape with holes',
      npy(head('(1,,2)')),
      'npy: expected a shape of at most 64 dimensions; got "(1,,2)"',
    ],
    [
      'no dictionary',
      npy('import os'),
      `npy: expected a header with 'descr', 'fortran_order' and 'shape'; got "import os"`,
    ],
    [
      'a missing key',
      npy(`{'descr': '<f8'}`),
      `npy: expected a header with 'descr', 'fortran_order' and 'shape'; got "{'descr': '<f8'}"`,
    ],
  ])('refuses %s in a sentence', (_, bytes, message) => {
    expect(() => readNpy(bytes)).toThrow(RangeError);
    expect(() => readNpy(bytes)).toThrow(message);
  });

  test('takes time in proportion to a hostile header', () => {
    for (const text of [' ', `'a':`, `{'a': [`, `{'shape': (${', '.repeat(10)}`, `{'`, '0,'])
      expect(() => readNpy(npy(text.repeat(Math.floor(65000 / text.length))))).toThrow('npy: ');
  });

  test('reads or refuses a file whose bytes were changed, and never hangs', async () => {
    const files = fc.constantFrom(...fixtures.files, ...fixtures.refused).map(({ bytes }) => unpack(bytes));
    await fc.assert(
      fc.asyncProperty(files, damages, async (bytes, changes) => {
        const read = await readOrRefuse('npy', () => readNpy(damage(bytes, changes)));
        if (read) expect(read.shape.reduce((a, b) => a * b, 1)).toBe(read.data.length);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('writeNpy', () => {
  test('is read back unchanged, with its type and shape', () => {
    fc.assert(
      fc.property(anyArray, fc.integer({ min: 0, max: 4 }), (array, ones) => {
        const shape = [...Array(ones).fill(1), array.length];
        const read = readNpy(writeNpy(array, shape));
        expect(read.data).toEqual(array);
        expect(read.data.constructor).toBe(array.constructor);
        expect(read.shape).toEqual(shape);
      }),
    );
  });

  test.each([
    '<f4 C',
    '<f8 C',
    '<i2 C',
    '<i4 C',
    '<u2 C',
    '<u4 C',
    'i1 C',
    'u1 C',
    'a single number',
    'no rows',
  ])('writes the same bytes as NumPy: %s', (name) => {
    const bytes = fixture(name);
    const { data, shape } = readNpy(bytes);
    expect(writeNpy(data, shape)).toEqual(bytes);
  });

  test('writes plain numbers as float64 and clamped bytes as bytes', () => {
    expect(readNpy(writeNpy([1.5, -2], [2, 1])).data).toEqual(Float64Array.of(1.5, -2));
    expect(readNpy(writeNpy(Uint8ClampedArray.of(7), [1])).data).toEqual(Uint8Array.of(7));
  });

  test('refuses a shape that does not fit', () => {
    expect(() => writeNpy(new Float32Array(5), [2, 3])).toThrow(
      new RangeError('writeNpy: shape [2, 3] needs 6 values; got 5'),
    );
    expect(() => writeNpy(new Float32Array(1), Array(65).fill(1))).toThrow(
      'writeNpy: shape must have at most 64 dimensions of at most 9007199254740991; got [1, 1, 1, 1, 1, 1, 1, 1, …]',
    );
  });
});
