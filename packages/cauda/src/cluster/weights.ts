import { checkWeights } from '../weights.ts';

/** A copy of the weights, or undefined where all rows count once: weights of one are the same as none, to the bit. */
export function checkClusterWeights(
  who: string,
  weights: ArrayLike<number> | undefined,
  n: number,
): Float64Array | undefined {
  const checked = checkWeights(who, weights, n);
  return checked?.every((weight) => weight === 1) ? undefined : checked;
}

/** The rows of positive weight in rising order, or undefined where all rows are. */
export function countedRows(weights: Float64Array | undefined): Uint32Array | undefined {
  if (!weights?.includes(0)) return undefined;
  return Uint32Array.from(weights.keys()).filter((i) => weights[i]! > 0);
}
