import { imageAt, SIDE } from '../../data/images.ts';
import type { Corruption } from './corruption.ts';

/**
 * A Gaussian blur; the strength is its variance σ² in squared pixels, a multiple of ½. Passes of the weights ¼, ½, ¼
 * along rows and columns have a variance of ½ each. 2σ² of them have the variance of the blur and, by the central limit
 * theorem, nearly its shape, without an exponential. Beyond an edge, the image continues with the value at the edge.
 */
export const blurred: Corruption = {
  strengths: [0.5, 1, 2, 4, 8],
  apply(split, index, out, strength) {
    const image = Float64Array.from(imageAt(split, index));
    for (let pass = 0; pass < 2 * strength; pass++) {
      for (let y = 0; y < SIDE; y++) smooth(image, y * SIDE, 1);
      for (let x = 0; x < SIDE; x++) smooth(image, x, SIDE);
    }
    out.set(image);
  },
};

/** One pass along the row or column that begins at `start`, in place. */
function smooth(image: Float64Array, start: number, step: number): void {
  let before = image[start]!;
  for (let i = 0; i < SIDE; i++) {
    const at = start + i * step;
    const here = image[at]!;
    const after = i < SIDE - 1 ? image[at + step]! : here;
    image[at] = 0.25 * before + 0.5 * here + 0.25 * after;
    before = here;
  }
}
