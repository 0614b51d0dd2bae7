import { imageAt, SIDE } from '../../data/images.ts';
import type { Corruption } from './corruption.ts';

/** The gray value of the square. */
const GRAY = 128;

/** A gray square at a random place hides what is behind it; the strength is its side in pixels. */
export const occluded: Corruption = {
  strengths: [4, 7, 10, 13, 16],
  apply(split, index, out, strength, random) {
    out.set(imageAt(split, index));
    const [left, top] = [random.uniform(), random.uniform()].map((share) =>
      Math.floor(share * (SIDE - strength + 1)),
    ) as [number, number];
    for (let y = top; y < top + strength; y++) out.fill(GRAY, y * SIDE + left, y * SIDE + left + strength);
  },
};
