import { imageAt, SIDE } from '../../data/images.ts';
import type { Corruption } from './corruption.ts';

const COS_15 = (Math.sqrt(6) + Math.sqrt(2)) / 4;
const SIN_15 = (Math.sqrt(6) - Math.sqrt(2)) / 4;

/** The image turned to the left or to the right, at random; the strength is in degrees, a multiple of 15. */
export const rotated: Corruption = {
  strengths: [15, 30, 45, 60, 75],
  apply(split, index, out, strength, random) {
    const side = random.integer(2) === 0 ? 1 : -1;
    rotate(imageAt(split, index), side * strength, out);
  },
};

/**
 * Turns an image around its center, with bilinear interpolation between pixels and black outside. Sine and cosine come
 * from repeated turns by 15°, so that they are the same on every machine.
 * @param degrees a multiple of 15; positive is counterclockwise
 */
export function rotate(image: Uint8Array, degrees: number, out: Uint8ClampedArray): void {
  let [cos, sin] = [1, 0];
  for (let turn = 0; turn < Math.abs(degrees); turn += 15)
    [cos, sin] = [cos * COS_15 - sin * SIN_15, sin * COS_15 + cos * SIN_15];
  if (degrees < 0) sin = -sin;
  const at = (x: number, y: number) => (x < 0 || y < 0 || x >= SIDE || y >= SIDE ? 0 : image[y * SIDE + x]!);
  const center = (SIDE - 1) / 2;
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      const [right, down] = [x - center, y - center];
      const fromX = center + cos * right - sin * down;
      const fromY = center + sin * right + cos * down;
      const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
      const [dx, dy] = [fromX - left, fromY - top];
      out[y * SIDE + x] =
        (1 - dy) * ((1 - dx) * at(left, top) + dx * at(left + 1, top)) +
        dy * ((1 - dx) * at(left, top + 1) + dx * at(left + 1, top + 1));
    }
}
