import type { Random } from 'cauda';
import type { Split } from '../../data/datasets.ts';

/** One way to corrupt an image, in five strengths. */
export interface Corruption {
  /** The strength at severity 1 … 5, in the unit of `apply`. */
  readonly strengths: readonly [number, number, number, number, number];
  /**
   * Corrupts image `index` of the split and writes it to `out`, which rounds and clamps to black and white. The numbers
   * drawn are the same at every strength, so that a stronger corruption is the weaker one with more of the same.
   */
  apply(split: Split, index: number, out: Uint8ClampedArray, strength: number, random: Random): void;
}
