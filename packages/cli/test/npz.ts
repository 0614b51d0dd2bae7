import { crc32 } from 'node:zlib';
import { writeNpy } from 'cauda/io';

/** Arrays as `np.savez` stores them: a zip archive without compression. */
export function npz(arrays: Readonly<Record<string, { data: number[]; shape: number[] }>>): Uint8Array {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let at = 0;
  for (const [name, { data, shape }] of Object.entries(arrays)) {
    const content = writeNpy(data, shape);
    const file = Buffer.from(`${name}.npy`);
    const common = Buffer.alloc(26); // from "version needed" to "extra field length"
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(file.length, 22);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    common.copy(entry, 6);
    entry.writeUInt32LE(at, 42);
    entries.push(entry, file);
    const local = [Buffer.from([0x50, 0x4b, 3, 4]), common, file, Buffer.from(content)];
    locals.push(...local);
    at += local.reduce((sum, { length }) => sum + length, 0);
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length / 2, 8);
  end.writeUInt16LE(entries.length / 2, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, directory, end]);
}
