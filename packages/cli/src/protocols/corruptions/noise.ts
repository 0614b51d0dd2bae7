import { imageAt } from '../../data/images.ts';
import type { Corruption } from './corruption.ts';

/** Independent Gaussian noise on every pixel; the strength is its standard deviation in gray values. */
export const noise: Corruption = {
  strengths: [20, 40, 60, 90, 130],
  apply(split, index, out, strength, random) {
    imageAt(split, index).forEach((gray, p) => {
      out[p] = gray + strength * random.normal();
    });
  },
};
