import type { Evaluation } from 'cauda/ood';
import type { Split } from '../data/datasets.ts';

export type Protocol = 'Fashion-MNIST' | 'corrupted digits' | 'unknown digits';

/** What is asked of detectors: a network learns `train`; which of the other images should it know? */
export interface Problem {
  /** The protocol that it belongs to. */
  readonly protocol: Protocol;
  /** Images that the network and the detectors learn from. */
  readonly train: Split;
  /** Other images of the same digits. */
  readonly id: Split;
  /** Sets of what the network was not made for, by their names. */
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
  /** On the wall's clock. Problems with the same training images and seed share one network and its detectors. */
  readonly seconds: { readonly network: number; readonly detectors: number; readonly evaluation: number };
  readonly evaluation: Evaluation;
}
