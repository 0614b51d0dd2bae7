import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compress, damage, damages, readOrRefuse } from '../../test/damage.ts';
import { readIdx, writeIdx } from './idx.ts';

const values = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.int8Array({ maxLength: 60 }),
  fc.int16Array({ maxLength: 60 }),
  fc.int32Array({ maxLength: 60 }),
  fc.float32Array({ maxLength: 60 }),
  fc.float64Array({ maxLength: 60 }),
);
/** 2 × 3 bytes, written by hand. */
const small = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6);

describe('readIdx', () => {
  test('reads a file written by hand', async () => {
    expect(await readIdx(small)).toEqual({ data: Uint8Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] });
    const int16 = Uint8Array.of(0, 0, 0x0b, 1, 0, 0, 0, 2, 0x01, 0x02, 0xff, 0xfe);
    expect(await readIdx(int16.buffer)).toEqual({ data: Int16Array.of(258, -2), shape: [2] });
  });

  test('reads the same from a gzipped file', async () => {
    expect(await readIdx(await compress(small))).toEqual(await readIdx(small));
  });

  test('reads from the middle of a larger buffer, and copies', async () => {
    const larger = new Uint8Array(100);
    larger.set(small, 7);
    const { data } = await readIdx(larger.subarray(7, 7 + small.length));
    larger.fill(9);
    expect(data).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
  });

  test('gives back what writeIdx wrote, for every type, gzipped or not', async () => {
    await fc.assert(
      fc.asyncProperty(values, fc.boolean(), async (array, packed) => {
        const file = writeIdx(array, [array.length, 1]);
        const { data, shape } = await readIdx(packed ? await compress(file) : file);
        expect(data).toEqual(array);
        expect(data.constructor).toBe(array.constructor);
        expect(shape).toEqual([array.length, 1]);
      }),
    );
  });

  test('keeps an empty array empty', async () => {
    expect(await readIdx(writeIdx(new Uint8Array(0), [0, 28, 28]))).toEqual({
      data: new Uint8Array(0),
      shape: [0, 28, 28],
    });
  });

  test.each([
    [[], 'idx: the file ends within its header, after 0 bytes'],
    [[0, 0, 8, 2, 0, 0, 0, 2], 'idx: the file ends within its header, after 8 bytes'],
    [[...small.slice(0, 17)], 'idx: shape [2, 3] of uint8 needs 18 bytes with the header; got 17'],
    [[...small, 7], 'idx: shape [2, 3] of uint8 needs 18 bytes with the header; got 19'],
    [
      [80, 75, 3, 4],
      'idx: expected a file that begins with 0, 0 and a type code (8, 9, 11, 12, 13 or 14); got 80, 75, 3',
    ],
    [
      [0, 0, 10, 1],
      'idx: expected a file that begins with 0, 0 and a type code (8, 9, 11, 12, 13 or 14); got 0, 0, 10',
    ],
    [[0, 0, 8, 0], 'idx: expected 1 to 255 dimensions; got 0'],
    [
      [0, 0, 14, 2, 0, 1, 0, 0, 255, 255, 255, 255, 0],
      'idx: shape [65536, 4294967295] of float64 needs 2251799813160972 bytes with the header; got 13',
    ],
  ])('refuses %j in a sentence', async (bytes, message) => {
    await expect(readIdx(Uint8Array.from(bytes))).rejects.toThrow(new RangeError(message));
  });

  test('refuses 255 dimensions of 2^32 − 1 without allocating', async () => {
    const file = new Uint8Array(4 + 255 * 4).fill(255);
    file.set([0, 0, 8, 255]);
    await expect(readIdx(file)).rejects.toThrow('of uint8 needs Infinity bytes with the header; got 1024');
    await expect(readIdx(await compress(file))).rejects.toThrow('needs Infinity bytes');
  });

  test('stops unpacking a gzip bomb where the header says the file ends', async () => {
    const bomb = new Uint8Array(20_000_000);
    bomb.set(small);
    await expect(readIdx(await compress(bomb))).rejects.toThrow(
      new RangeError('idx: the header claims 18 bytes; the compressed data holds more'),
    );
  });

  test('refuses a gzip stream that is cut short, or damaged', async () => {
    const packed = await compress(
      writeIdx(
        Float64Array.from({ length: 500 }, (_, i) => Math.sqrt(i)),
        [500],
      ),
    );
    const message = 'idx: the compressed data is damaged or cut short';
    await expect(readIdx(packed.subarray(0, 1000))).rejects.toThrow(message);
    packed[1000]! ^= 255;
    await expect(readIdx(packed)).rejects.toThrow(message);
  });

  test('refuses what holds no bytes', async () => {
    await expect(readIdx('train-images' as unknown as Uint8Array)).rejects.toThrow(
      new TypeError('readIdx: input must be a Uint8Array or an ArrayBuffer; got "train-images"'),
    );
  });

  test('reads or refuses a file whose bytes were changed, and never hangs', async () => {
    await fc.assert(
      fc.asyncProperty(values, fc.boolean(), damages, async (array, packed, changes) => {
        const file = writeIdx(array, [array.length]);
        const bytes = damage(packed ? await compress(file) : file, changes);
        const read = await readOrRefuse('idx', () => readIdx(bytes));
        if (read) expect(read.shape.reduce((a, b) => a * b, 1)).toBe(read.data.length);
      }),
      { numRuns: 500 },
    );
  });
});

describe('writeIdx', () => {
  test('writes the bytes of a file made by hand', () => {
    expect(writeIdx(Uint8Array.of(1, 2, 3, 4, 5, 6), [2, 3])).toEqual(small);
  });

  test('writes plain numbers as float64', async () => {
    expect((await readIdx(writeIdx([0.5, NaN], [2]))).data).toEqual(Float64Array.of(0.5, NaN));
  });

  test('refuses what the format cannot hold', () => {
    expect(() => writeIdx(new Uint16Array(2), [2])).toThrow(
      new TypeError(
        'writeIdx: array must be uint8, int8, int16, int32, float32 or float64, the types of IDX; got Uint16Array(2)',
      ),
    );
    expect(() => writeIdx(new Uint8Array(5), [2, 3])).toThrow(
      new RangeError('writeIdx: shape [2, 3] needs 6 values; got 5'),
    );
    expect(() => writeIdx(new Uint8Array(1), [])).toThrow(
      new RangeError('writeIdx: shape must have at least one dimension; got []'),
    );
    expect(() => writeIdx(new Uint8Array(1), [1.5])).toThrow(
      new TypeError('writeIdx: shape must be an array of non-negative integers; got an array of 1'),
    );
    expect(() => writeIdx(new BigInt64Array(1) as never, [1])).toThrow(
      new TypeError('writeIdx: array must be a typed array or an array of numbers; got BigInt64Array(1)'),
    );
  });
});
