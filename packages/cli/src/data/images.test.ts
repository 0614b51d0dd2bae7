import { expect, test } from 'vitest';
import type { Split } from './datasets.ts';
import { AREA, first, imageAt, pixels, take } from './images.ts';

/** Three images, each of one gray value, and what they show. */
const split: Split = {
  images: Uint8Array.from({ length: 3 * AREA }, (_, i) => [0, 51, 255][Math.floor(i / AREA)]!),
  labels: Uint8Array.of(7, 2, 9),
  count: 3,
};
const grays = ({ images, count }: Split) => Array.from({ length: count }, (_, i) => images[i * AREA]);

test('pixels are rows of gray values divided by white', () => {
  const X = pixels(split, 255);
  expect([X.rows, X.cols]).toEqual([3, 784]);
  expect([0, 1, 2].map((i) => X.row(i)[783])).toEqual([0, Math.fround(0.2), 1]);
  expect(pixels(split, 1).row(2)[0]).toBe(255);
});

test('the first images come with their labels, and no more than there are', () => {
  expect(first(split, 2)).toEqual({
    images: split.images.subarray(0, 2 * AREA),
    labels: Uint8Array.of(7, 2),
    count: 2,
  });
  expect(first(split, 9)).toEqual(split);
});

test('images are taken in the given order, as copies', () => {
  const taken = take(split, [2, 0, 2]);
  expect(grays(taken)).toEqual([255, 0, 255]);
  expect([...taken.labels]).toEqual([9, 7, 9]);
  taken.images.fill(1);
  expect(grays(split)).toEqual([0, 51, 255]);
});

test('an image is a view of its own pixels', () => {
  const image = imageAt(split, 1);
  expect([image.length, image[0], image[783]]).toEqual([784, 51, 51]);
  expect(image.buffer).toBe(split.images.buffer);
});
