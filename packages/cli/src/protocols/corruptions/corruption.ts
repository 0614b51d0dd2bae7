import type { Random } from 'cauda';
import type { Split } from '../../data/datasets.ts';

/** One way of spoiling an image, in five strengths. */
export interface Corruption {
  /** At severity 1 … 5, in the unit of `apply`. */
  readonly strengths: readonly [number, number, number, number, number];
  /**
   * Writes image `index` of the split, spoilt, to `out`, which rounds and cuts off at black and white. Draws the same
   * numbers at every strength, so that a stronger image is the weaker one with more of the same.
   */
  apply(split: Split, index: number, out: Uint8ClampedArray, strength: number, random: Random): void;
}
