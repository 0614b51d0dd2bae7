import type { Evaluation } from 'cauda/ood';
import type { Split } from '../data/datasets.ts';

export type Protocol = 'Fashion-MNIST' | 'corrupted digits' | 'unknown digits';

/** A question to detectors: of the other images, which ones are like those that a network was trained on? */
export interface Problem {
  /** The protocol that the problem belongs to. */
  readonly protocol: Protocol;
  /** Images that the network and the detectors are fitted to. */
  readonly train: Split;
  /** Other images of the same digits. */
  readonly id: Split;
  /** Sets of images that the network was not trained for, by their names. */
  readonly ood: Readonly<Record<string, Split>>;
}

/** One problem with one seed. */
export interface ProtocolRun {
  readonly protocol: Protocol;
  readonly seed: number;
  /** The digits that the network was trained on. */
  readonly known: readonly number[];
  /** Share of the in-distribution images whose digit the network names. */
  readonly accuracy: number;
  /** By the clock on the wall. Problems with the same training images and seed share one network and its detectors. */
  readonly seconds: { readonly network: number; readonly detectors: number; readonly evaluation: number };
  readonly evaluation: Evaluation;
}
