import { Matrix } from 'cauda';
import type { Split } from './datasets.ts';

/** Pixels of a side of an image, and of the whole image. */
export const SIDE = 28;
export const AREA: number = SIDE * SIDE;

/** Images as rows of pixels, each gray value divided by `white`. */
export function pixels({ images, count }: Split, white: number): Matrix {
  const data = new Float32Array(images.length);
  for (let i = 0; i < images.length; i++) data[i] = images[i]! / white;
  return new Matrix(data, count, AREA);
}

/** Image `index` of a split, as a view. */
export function imageAt({ images }: { readonly images: Uint8Array }, index: number): Uint8Array {
  return images.subarray(index * AREA, (index + 1) * AREA);
}

/** The first `wanted` images of a split, or all if it has fewer, as views. */
export function first({ images, labels, count }: Split, wanted: number): Split {
  const kept = Math.min(count, wanted);
  return { images: images.subarray(0, kept * AREA), labels: labels.subarray(0, kept), count: kept };
}

/** The images at the given places of a split, in that order, copied. */
export function take(split: Split, places: ArrayLike<number>): Split {
  const images = new Uint8Array(places.length * AREA);
  const labels = new Uint8Array(places.length);
  for (let i = 0; i < places.length; i++) {
    images.set(imageAt(split, places[i]!), i * AREA);
    labels[i] = split.labels[places[i]!]!;
  }
  return { images, labels, count: places.length };
}
