import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compress, damage, damages, readOrRefuse } from '../../test/damage.ts';
import fixtures from '../../test/fixtures/npy/fixtures.json';
import { writeNpy } from './npy.ts';
import { readNpz } from './npz.ts';

const unpack = (base64: string) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
const archive = (name: string) => unpack(fixtures.archives.find((file) => file.name === name)!.bytes);

/** Positions of a four-byte signature. */
function positions(bytes: Uint8Array, signature: number): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length - 3 }, (_, i) => i).filter(
    (i) => view.getUint32(i, true) === signature,
  );
}

/** A copy of the archive with other values in the directory entry of its first member, or in the end record. */
function edited(
  name: string,
  where: 'entry' | 'end',
  edits: [offset: number, value: number, bytes: 2 | 4][],
) {
  const bytes = archive(name).slice();
  const view = new DataView(bytes.buffer);
  const start = positions(bytes, where === 'entry' ? 0x02014b50 : 0x06054b50)[0]!;
  for (const [offset, value, size] of edits)
    size === 2 ? view.setUint16(start + offset, value, true) : view.setUint32(start + offset, value, true);
  return bytes;
}

describe('readNpz', () => {
  test.each(['stored', 'deflated'])('reads the archive that NumPy %s', async (name) => {
    const { X, labels, ...others } = await readNpz(archive(name));
    expect(X).toEqual({ data: Float32Array.from({ length: 24 }, (_, i) => i), shape: [6, 4], descr: '<f4' });
    expect(labels).toEqual({ data: Int32Array.of(3, 1, 2), shape: [3], descr: '<i4' });
    expect(others).toEqual({});
  });

  test('reads from the middle of a larger buffer', async () => {
    const bytes = archive('deflated');
    const larger = new Uint8Array(bytes.length + 9);
    larger.set(bytes, 5);
    expect(Object.keys(await readNpz(larger.subarray(5, 5 + bytes.length)))).toEqual(['X', 'labels']);
  });

  const entry = (...edits: [number, number, 2 | 4][]) => edited('deflated', 'entry', edits);
  const end = (...edits: [number, number, 2 | 4][]) => edited('deflated', 'end', edits);
  const zip64 = 'npz: zip64 archives (over 4 GB or 65,535 members) are not read; save arrays as .npy';
  test.each([
    [
      'a file that is no archive',
      new Uint8Array(50),
      'npz: expected a zip archive that ends with its directory; got 50 bytes without one (cut short?)',
    ],
    ['an encrypted member', entry([8, 1, 2]), 'npz: "X.npy" is encrypted; expected a plain archive'],
    [
      'another compression',
      entry([10, 14, 2]),
      'npz: "X.npy": expected compression method 0 or 8 (deflate); got 14',
    ],
    ['another checksum', entry([16, 0x1234, 4]), 'npz: "X.npy": expected CRC-32 00001234; got '],
    [
      'a member longer than it claims',
      entry([24, 100, 4]),
      'npz: "X.npy": the header claims 100 bytes; the compressed data holds more',
    ],
    [
      'a member shorter than it claims',
      entry([24, 4e9, 4]),
      'npz: "X.npy": expected 4000000000 bytes; got 224',
    ],
    [
      'a member without a header',
      entry([42, 7, 4]),
      'npz: "X.npy": expected its header at byte 7; found none',
    ],
    [
      'members beyond the end',
      entry([20, 4e9, 4]),
      'npz: the members claim 4000000077 bytes in all; the archive has 453',
    ],
    ['zip64 sizes', entry([24, 0xffffffff, 4]), zip64],
    ['a zip64 directory', end([16, 0xffffffff, 4]), zip64],
    ['a directory beyond the end', end([16, 5000, 4]), 'npz: the directory claims bytes 5000 to '],
    ['too many entries', end([10, 3, 2]), 'npz: expected 3 directory entries; entry 2 is damaged'],
    ['an endless name', entry([28, 60000, 2]), "npz: directory entry 0 goes beyond the directory's end"],
  ])('refuses %s in a sentence', async (_, bytes, message) => {
    await expect(readNpz(bytes)).rejects.toThrow(RangeError);
    await expect(readNpz(bytes)).rejects.toThrow(message);
  });

  test('refuses two members with the same name', async () => {
    const bytes = archive('stored').slice();
    const [first, second] = positions(bytes, 0x02014b50) as [number, number];
    expect(bytes[first + 28]).toBe(5); // "X.npy", over the first five letters of "labels.npy"
    bytes.copyWithin(second + 46, first + 46, first + 51);
    bytes[second + 28] = 5;
    bytes[second + 30]! += 5; // what is left of the name is passed over as an extra field
    await expect(readNpz(bytes)).rejects.toThrow(new RangeError('npz: two members are called "X.npy"'));
  });

  test('names the member whose array is malformed', async () => {
    const bytes = archive('stored').slice();
    const data = positions(bytes, 0x4d554e93)[0]!;
    bytes[data + 6] = 9;
    await expect(readNpz(bytes)).rejects.toThrow('npz: "X.npy": expected CRC-32 ');
    const honest = await zip('bad.npy', Uint8Array.of(1, 2, 3));
    await expect(readNpz(honest)).rejects.toThrow(
      new RangeError('npz: "bad.npy": expected a file that begins with \\x93NUMPY; got bytes 1, 2, 3'),
    );
  });

  test('skips members that are not arrays', async () => {
    expect(await readNpz(await zip('readme.txt', Uint8Array.of(1, 2, 3)))).toEqual({});
  });

  test('keeps an array called __proto__ as an array', async () => {
    const read = await readNpz(await zip('__proto__.npy', writeNpy([1], [1])));
    expect(Object.keys(read)).toEqual(['__proto__']);
  });

  test('reads or refuses a file whose bytes were changed, and never hangs', async () => {
    const archives = fc.constantFrom(archive('stored'), archive('deflated'));
    await fc.assert(
      fc.asyncProperty(archives, damages, fc.boolean(), async (bytes, changes, fromEnd) => {
        const mirrored = fromEnd
          ? changes.map((change) => ({ ...change, at: 1 - 1e-9 - change.at }))
          : changes;
        await readOrRefuse('npz', () => readNpz(damage(bytes, mirrored)));
      }),
      { numRuns: 1000 },
    );
  });
});

/** An archive with one deflated member. */
async function zip(name: string, content: Uint8Array): Promise<Uint8Array> {
  const packed = await compress(content, 'deflate-raw');
  const label = new TextEncoder().encode(name);
  const gzipped = await compress(content);
  const crc = new DataView(gzipped.buffer).getUint32(gzipped.length - 8, true); // gzip's trailer has the same CRC-32
  const local = new DataView(new ArrayBuffer(30));
  const entry = new DataView(new ArrayBuffer(46));
  const end = new DataView(new ArrayBuffer(22));
  for (const [view, start] of [
    [local, 0],
    [entry, 2],
  ] as const) {
    view.setUint32(0, start ? 0x02014b50 : 0x04034b50, true);
    view.setUint16(start + 8, 8, true);
    view.setUint32(start + 14, crc, true);
    view.setUint32(start + 18, packed.length, true);
    view.setUint32(start + 22, content.length, true);
    view.setUint16(start + 26, label.length, true);
  }
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(10, 1, true);
  end.setUint32(12, 46 + label.length, true);
  end.setUint32(16, 30 + label.length + packed.length, true);
  const parts = [
    new Uint8Array(local.buffer),
    label,
    packed,
    new Uint8Array(entry.buffer),
    label,
    new Uint8Array(end.buffer),
  ];
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}
