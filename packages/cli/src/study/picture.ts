import { encode } from 'fast-png';
import { AREA, SIDE } from '../data/images.ts';
import type { Picture } from '../result/section.ts';

/**
 * Draws images side by side in one gray PNG.
 * @param images 784 gray values each, clamped to [0, 255]
 * @param labels what each image shows
 * @param columns the most images in a row
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
