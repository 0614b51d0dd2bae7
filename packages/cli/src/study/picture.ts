import { encode } from 'fast-png';
import type { Picture } from './result.ts';

const SIDE = 28;
const AREA = SIDE * SIDE;

/**
 * Images side by side in one grey PNG.
 * @param images each 784 grey values; what is outside [0, 255] is cut off
 * @param labels what each shows
 */
export function picture(
  images: readonly ArrayLike<number>[],
  labels: readonly string[],
  columns: number,
): Picture {
  const across = Math.min(columns, images.length);
  const width = SIDE * across;
  const height = SIDE * Math.ceil(images.length / across);
  const data = new Uint8ClampedArray(width * height);
  images.forEach((image, i) => {
    const left = (i % across) * SIDE;
    const top = Math.floor(i / across) * SIDE;
    for (let p = 0; p < AREA; p++) data[(top + Math.floor(p / SIDE)) * width + left + (p % SIDE)] = image[p]!;
  });
  const file = encode({ width, height, data, channels: 1, depth: 8 }, { zlib: { level: 9 } });
  return { png: Buffer.from(file).toString('base64'), columns: across, labels };
}

/** Image `index` of a split, as a view. */
export function imageAt({ images }: { readonly images: Uint8Array }, index: number): Uint8Array {
  return images.subarray(index * AREA, (index + 1) * AREA);
}

const garments = [
  'T-shirt',
  'trouser',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle boot',
];

/** What a label of the data set means. */
export function labelName(set: 'MNIST' | 'Fashion-MNIST', label: number): string {
  return set === 'MNIST' ? String(label) : garments[label]!;
}
