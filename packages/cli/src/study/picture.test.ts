import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { imageAt } from '../data/images.ts';
import { picture } from './picture.ts';

test('images stand side by side, row after row, cut off at black and white', () => {
  const gray = (value: number) => new Float64Array(784).fill(value);
  const { png, columns, labels } = picture([gray(-20), gray(100), gray(300)], ['a', 'b', 'c'], 2);
  const { width, height, data } = decode(Buffer.from(png, 'base64'));
  const at = (x: number, y: number) => data[y * width + x];
  expect([width, height, columns, labels]).toEqual([56, 56, 2, ['a', 'b', 'c']]);
  expect([at(0, 0), at(27, 27), at(28, 0), at(55, 27), at(0, 28), at(27, 55)]).toEqual([
    0, 0, 100, 100, 255, 255,
  ]);
});

test('an image keeps its own pixels in their places', () => {
  const images = Uint8Array.from({ length: 2 * 784 }, (_, i) => (i * 7) % 256);
  const { png } = picture([imageAt({ images }, 1)], ['x'], 9);
  expect(Array.from(decode(Buffer.from(png, 'base64')).data)).toEqual(Array.from(images.subarray(784)));
});
