import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { KnownFile } from './files.ts';

const unzip = promisify(gunzip);

/** Where torchvision puts the sets that are in folders of these names here. */
const torchvision: Readonly<Record<string, string>> = {
  mnist: 'MNIST/raw',
  'fashion-mnist': 'FashionMNIST/raw',
};

/**
 * Finds a file of a set, gzipped or not, under its own name or as archives elsewhere have it (`train-images.idx3-ubyte`).
 * @param folder the set's folder, `mnist` or `fashion-mnist`; torchvision's, beside it, is looked into as well
 * @returns its path, or undefined if it is not there
 */
export function find(folder: string, { name }: KnownFile): string | undefined {
  const other = torchvision[basename(folder)];
  const folders = [folder, ...(other ? [join(dirname(folder), other)] : [])];
  const names = [name, name.replace('-idx', '.idx')].flatMap((one) => [`${one}.gz`, one]);
  return folders
    .flatMap((place) => names.map((candidate) => join(place, candidate)))
    .find((path) => existsSync(path));
}

/**
 * Reads a file and checks that its uncompressed content has the length and SHA-256 of `file`. Whether it is gzipped is
 * told by its first bytes, and no more than the known length is unpacked.
 * @param who the beginning of every message
 * @returns the uncompressed content
 * @throws Error with one sentence that says what differs
 */
export async function readVerified(
  path: string,
  file: KnownFile,
  who: string = `data: ${path}`,
): Promise<Uint8Array> {
  const stored = await readFile(path);
  const content = stored[0] === 0x1f && stored[1] === 0x8b ? await unpack(who, stored, file) : stored;
  if (content.length !== file.bytes)
    throw new Error(`${who}: expected ${file.bytes} bytes of ${file.name}; got ${content.length}`);
  const digest = createHash('sha256').update(content).digest('hex');
  if (digest !== file.sha256) throw new Error(`${who}: expected SHA-256 ${file.sha256}; got ${digest}`);
  return content;
}

async function unpack(who: string, stored: Uint8Array, file: KnownFile): Promise<Uint8Array> {
  try {
    return await unzip(stored, { maxOutputLength: file.bytes });
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new Error(
      tooLong
        ? `${who}: expected ${file.bytes} bytes of ${file.name}; the gzip stream holds more`
        : `${who}: the gzip stream is damaged or cut short (${(error as Error).message})`,
    );
  }
}
