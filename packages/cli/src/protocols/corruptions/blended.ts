import { imageAt } from '../../data/images.ts';
import type { Corruption } from './corruption.ts';

/**
 * The image mixed with a random one of another class; the strength is the share of the other, ½ for the mean of both.
 */
export const blended: Corruption = {
  strengths: [0.1, 0.2, 0.3, 0.4, 0.5],
  apply(split, index, out, strength, random) {
    let other = random.integer(split.count);
    while (split.labels[other] === split.labels[index]) other = random.integer(split.count);
    const partner = imageAt(split, other);
    imageAt(split, index).forEach((gray, p) => {
      out[p] = gray + strength * (partner[p]! - gray);
    });
  },
};
