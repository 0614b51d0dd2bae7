import type { Picture, Timed } from '../section.ts';

export interface DataSection extends Timed {
  /** The embedded sample or the official files. */
  readonly source: 'sample' | 'full';
  readonly sets: readonly {
    readonly name: 'MNIST' | 'Fashion-MNIST';
    readonly split: 'train' | 'test';
    /** Images in the file, and how many of them, from the first, the study uses. */
    readonly count: number;
    readonly used: number;
    /** SHA-256 of the uncompressed IDX files. */
    readonly sha256: { readonly images: string; readonly labels: string };
  }[];
  /** The first nine training images of each, one picture an image. */
  readonly first: readonly { readonly name: string; readonly images: readonly Picture[] }[];
}
