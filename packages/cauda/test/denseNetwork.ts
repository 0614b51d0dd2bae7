import type { Round } from '../src/kernels/reference/arithmetic.ts';
import { dot } from '../src/kernels/reference/dotProducts.ts';
import { columnSums, crossEntropy, product, transposed } from '../src/kernels/reference/nn/layers.ts';

/** A layer in plain numbers: weights fanIn × fanOut, row-major. */
export interface PlainLayer {
  weights: number[];
  bias: number[];
}

/**
 * A whole network from the kernels' references: the mean cross-entropy of n rows and its gradient, layer by layer. With
 * Math.fround the kernels' own bits, with the identity the same in float64.
 */
export function lossAndGradient(
  sizes: readonly number[],
  layers: readonly PlainLayer[],
  X: ArrayLike<number>,
  targets: ArrayLike<number>,
  round: Round,
): { loss: number; gradient: PlainLayer[]; before: number[][] } {
  const n = targets.length;
  const inputs: ArrayLike<number>[] = [X];
  const before: number[][] = [];
  layers.forEach(({ weights, bias }, l) => {
    before.push(product(inputs[l]!, n, sizes[l]!, weights, sizes[l + 1]!, bias, round));
    inputs.push(before[l]!.map((value) => Math.max(value, 0)));
  });
  let { loss, delta } = crossEntropy(before.at(-1)!, targets, n, sizes.at(-1)!, round);
  const gradient: PlainLayer[] = [];
  for (let l = layers.length - 1; l >= 0; l--) {
    const [fanIn, fanOut] = [sizes[l]!, sizes[l + 1]!];
    const zeros = new Array<number>(fanOut).fill(0);
    gradient.unshift({
      weights: product(transposed(inputs[l]!, n, fanIn), fanIn, n, delta, fanOut, zeros, round),
      bias: columnSums(delta, n, fanOut, round),
    });
    const above = delta;
    delta = Array.from({ length: n * fanIn }, (_, at) => {
      const row = above.slice(Math.floor(at / fanIn) * fanOut).slice(0, fanOut);
      const weights = layers[l]!.weights.slice((at % fanIn) * fanOut).slice(0, fanOut);
      return inputs[l]![at]! > 0 ? dot({ lanes: 4, round }, row, weights) : 0;
    });
  }
  return { loss, gradient, before };
}
