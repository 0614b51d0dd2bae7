import type { Picture, Timed } from '../section.ts';

export interface DataSection extends Timed {
  /** The embedded sample or the official files. */
  readonly source: 'sample' | 'full';
  readonly sets: readonly {
    readonly name: 'MNIST' | 'Fashion-MNIST';
    readonly split: 'train' | 'test';
    /** How many images the file has, and how many of them the study uses, from the first. */
    readonly count: number;
    readonly used: number;
    /** SHA-256 of the uncompressed IDX files. */
    readonly sha256: { readonly images: string; readonly labels: string };
  }[];
  /** The first nine training images of each set, a picture for each image. */
  readonly first: readonly { readonly name: string; readonly images: readonly Picture[] }[];
}
