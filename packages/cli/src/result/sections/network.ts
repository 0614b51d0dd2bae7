import type { Timed } from '../section.ts';

export interface NetworkSection extends Timed {
  /** Widths of the layers, beginning with the input. */
  readonly layers: readonly number[];
  readonly optimizer: { readonly name: 'sgd'; readonly learningRate: number; readonly momentum: number };
  readonly batchSize: number;
  readonly rows: number;
  /** Mean cross-entropy in each epoch, in nats. */
  readonly lossCurve: readonly number[];
  readonly testAccuracy: number;
  readonly fitSeconds: number;
}
