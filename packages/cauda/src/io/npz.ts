import { asBytes } from './elements.ts';
import { inflate } from './inflate.ts';
import { type NpyArray, readNpy } from './npy.ts';

/**
 * Reads a NumPy .npz archive, stored or compressed: its arrays by name. Members that are not .npy files are
 * skipped. The zip format: PKWARE's APPNOTE.TXT 6.3, read from the central directory; every CRC-32 is checked.
 * @throws TypeError if `input` holds no bytes, RangeError if the archive is malformed, damaged, encrypted, in zip64
 *   format (over 4 GB) or compressed otherwise than by deflate, or if one of its arrays is
 */
export async function readNpz(input: Uint8Array | ArrayBuffer): Promise<Record<string, NpyArray>> {
  const bytes = asBytes('readNpz', input);
  const arrays: [string, NpyArray][] = [];
  for (const member of centralDirectory(bytes)) {
    if (!member.name.endsWith('.npy')) continue;
    const content = await contentOf(bytes, member);
    arrays.push([member.name.slice(0, -4), named(member.name, () => readNpy(content))]);
  }
  return Object.fromEntries(arrays);
}

interface Member {
  name: string;
  flags: number;
  method: number;
  crc: number;
  packedSize: number;
  size: number;
  /** Where its local header begins. */
  offset: number;
}

function centralDirectory(bytes: Uint8Array): Member[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endRecord(view);
  const count = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  let at = view.getUint32(end + 16, true);
  if (count === 0xffff || size === 0xffffffff || at === 0xffffffff) throw zip64();
  if (at + size > end)
    throw new RangeError(`npz: the directory claims bytes ${at} to ${at + size}; it must end before ${end}`);
  const members: Member[] = [];
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50)
      throw new RangeError(`npz: expected ${count} directory entries; entry ${i} is damaged`);
    const nameLength = view.getUint16(at + 28, true);
    const next = at + 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > end) throw new RangeError(`npz: directory entry ${i} goes beyond the directory's end`);
    members.push({
      name: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength)),
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packedSize: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    });
    at = next;
  }
  checkMembers(members, bytes.length);
  return members;
}

/** Refuses members that share a name or bytes, which is how an archive is made to unpack to far more than it holds. */
function checkMembers(members: readonly Member[], available: number): void {
  const names = new Set<string>();
  let total = 0;
  for (const { name, packedSize, size, offset } of members) {
    if (packedSize === 0xffffffff || size === 0xffffffff || offset === 0xffffffff) throw zip64();
    if (names.has(name)) throw new RangeError(`npz: two members are called ${JSON.stringify(name)}`);
    names.add(name);
    total += packedSize;
  }
  if (total > available)
    throw new RangeError(`npz: the members claim ${total} bytes in all; the archive has ${available}`);
}

/** The position of the end-of-directory record: 22 bytes and a comment, at the very end. */
function endRecord(view: DataView): number {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 0xffff); at--)
    if (
      view.getUint32(at, true) === 0x06054b50 &&
      view.getUint16(at + 20, true) === view.byteLength - 22 - at
    )
      return at;
  throw new RangeError(
    `npz: expected a zip archive that ends with its directory; got ${view.byteLength} bytes without one (cut short?)`,
  );
}

async function contentOf(bytes: Uint8Array, member: Member): Promise<Uint8Array> {
  const { name, flags, method, packedSize, size, offset } = member;
  const who = `npz: ${JSON.stringify(name)}`;
  if (flags & 1) throw new RangeError(`${who} is encrypted; expected a plain archive`);
  if (method !== 0 && method !== 8)
    throw new RangeError(`${who}: expected compression method 0 or 8 (deflate); got ${method}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (offset + 30 > bytes.length || view.getUint32(offset, true) !== 0x04034b50)
    throw new RangeError(`${who}: expected its header at byte ${offset}; found none`);
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + packedSize > bytes.length)
    throw new RangeError(
      `${who}: needs ${packedSize} bytes from ${start}; the archive ends at ${bytes.length}`,
    );
  const packed = bytes.subarray(start, start + packedSize);
  const content = method === 0 ? packed : await inflate(who, packed, 'deflate-raw', () => size);
  if (content.length !== size) throw new RangeError(`${who}: expected ${size} bytes; got ${content.length}`);
  const crc = crc32(content);
  if (crc !== member.crc) throw new RangeError(`${who}: expected CRC-32 ${hex(member.crc)}; got ${hex(crc)}`);
  return content;
}

/** Runs `read` and puts the member's name into its error. */
function named<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError(`npz: ${JSON.stringify(name)}: ${error.message.replace(/^npy: /, '')}`);
  }
}

function zip64(): RangeError {
  return new RangeError(
    'npz: zip64 archives (over 4 GB or 65,535 members) are not read; save arrays as .npy',
  );
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** CRC-32 as zip and gzip use it (polynomial 0xEDB88320, reflected). */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ crcTable[(crc ^ bytes[i]!) & 0xff]!;
  return ~crc >>> 0;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
