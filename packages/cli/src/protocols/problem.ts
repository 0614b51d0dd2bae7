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
