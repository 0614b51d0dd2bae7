import { encode } from 'fast-png';
import { AREA, SIDE } from '../data/images.ts';
import type { Picture } from '../result/section.ts';

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
