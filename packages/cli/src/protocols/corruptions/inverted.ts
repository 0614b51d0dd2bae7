import { imageAt } from '../../data/images.ts';
import type { Corruption } from './corruption.ts';

/** The image mixed with its negative; the strength is the negative's share, 1 for black on white. */
export const inverted: Corruption = {
  strengths: [0.2, 0.4, 0.6, 0.8, 1],
  apply(split, index, out, strength) {
    imageAt(split, index).forEach((gray, p) => {
      out[p] = gray + strength * (255 - 2 * gray);
    });
  },
};
