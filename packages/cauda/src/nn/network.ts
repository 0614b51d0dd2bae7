import { type Kernels, roundUp } from '../kernels/kernels.ts';
import type { Batch } from './inputs.ts';
import type { Layout } from './layers.ts';

/** Rows of a batch are padded to the kernels' tiles. */
export const ROW_TILE = 4;

/** Where a batch entry holds its column and its row. */
const COLUMN = 4;
const ROW = 8;

/** A network in the kernels' memory, with room for the activations of `capacity` rows. */
export class Network {
  readonly #kernels: Kernels;
  readonly #layout: Layout;
  /** Where the packed parameters lie. */
  readonly parameters: number;
  /** Per layer, x · weights + bias: n rows of the layer's stride. The last are the logits. */
  readonly before: readonly number[];
  /** Per layer, the ReLU of `before`; the last layer's is written by `softmax` alone. */
  readonly after: readonly number[];

  constructor(kernels: Kernels, layout: Layout, parameters: Float32Array, capacity: number) {
    const room = () =>
      layout.places.map(({ stride }) => kernels.zeros(roundUp(capacity, ROW_TILE) * stride * 4));
    this.#kernels = kernels;
    this.#layout = layout;
    this.parameters = kernels.put(parameters);
    this.before = room();
    this.after = room();
  }

  /** Computes the activations of n rows. */
  forward(batch: Batch, n: number): void {
    const { run } = this.#kernels;
    const padded = roundUp(n, ROW_TILE);
    this.#layout.places.forEach((place, l) => {
      const weights = this.parameters + place.weights * 4;
      const bias = this.parameters + place.bias * 4;
      const out = this.before[l]!;
      const input = l === 0 ? batch : { dense: this.after[l - 1]! };
      if ('dense' in input)
        run.productF32(input.dense, place.rows * 4, 4, padded, place.fanIn, weights, place.stride, bias, out);
      else {
        run.repeatRowF32(bias, place.stride, n, out);
        run.accumulateF32(input.entries, input.count, weights, COLUMN, out, ROW, place.stride);
      }
      if (l < this.#layout.places.length - 1) run.reluF32(out, padded * place.stride, this.after[l]!);
    });
  }

  /** Computes, after `forward`, the probabilities of n rows: the last of `after`. */
  softmax(n: number): void {
    const { stride, fanOut } = this.#layout.places.at(-1)!;
    this.#kernels.run.softmaxF32(this.before.at(-1)!, n, stride, fanOut, this.after.at(-1)!);
  }
}

/** The gradient of a network's loss, by back-propagation. */
export class Gradient {
  readonly #kernels: Kernels;
  readonly #layout: Layout;
  readonly #network: Network;
  readonly #delta: readonly number[];
  readonly #zeros: number;
  /** Where the gradient lies, packed as the parameters are; `backward` expects zeros, which an optimizer leaves. */
  readonly values: number;

  constructor(kernels: Kernels, layout: Layout, network: Network, capacity: number) {
    const { places, length } = layout;
    this.#kernels = kernels;
    this.#layout = layout;
    this.#network = network;
    this.#delta = places.map(({ stride }) => kernels.zeros(roundUp(capacity, ROW_TILE) * stride * 4));
    this.#zeros = kernels.zeros(Math.max(...places.map(({ stride }) => stride)) * 4);
    this.values = kernels.zeros(length * 4);
  }

  /**
   * After `forward` of the same batch: writes the gradient of its mean cross-entropy.
   * @param targets the class index of each row of the whole data, of which `rows` names the batch's n
   * @returns the mean cross-entropy, in nats
   */
  backward(batch: Batch, n: number, targets: number, rows: number): number {
    const { run } = this.#kernels;
    const { places } = this.#layout;
    const { before, after, parameters } = this.#network;
    const last = places.length - 1;
    const { stride, fanOut } = places[last]!;
    const loss = run.crossEntropyF32(before[last]!, targets, rows, n, stride, fanOut, this.#delta[last]!);
    for (let l = last; l >= 0; l--) {
      const { rows: fanIn, weights, bias, stride } = places[l]!;
      const delta = this.#delta[l]!;
      run.columnSumsF32(delta, n, stride, this.values + bias * 4);
      this.#weightGradient(l === 0 ? batch : { dense: after[l - 1]! }, n, l);
      if (l === 0) break;
      const padded = roundUp(n, ROW_TILE);
      run.dotsF32(delta, padded, stride, parameters + weights * 4, fanIn, this.#delta[l - 1]!);
      run.reluBackF32(after[l - 1]!, padded * fanIn, this.#delta[l - 1]!);
    }
    return loss;
  }

  /** inputᵀ · delta. */
  #weightGradient(input: Batch, n: number, l: number): void {
    const { run } = this.#kernels;
    const { rows, stride, weights } = this.#layout.places[l]!;
    const delta = this.#delta[l]!;
    const out = this.values + weights * 4;
    if ('dense' in input) run.productF32(input.dense, 4, rows * 4, rows, n, delta, stride, this.#zeros, out);
    else run.accumulateF32(input.entries, input.count, delta, ROW, out, COLUMN, stride);
  }
}
