import { arrayLike, describe, type Rule, shaped } from './check.ts';
import { numbersOf } from './numbers.ts';

/** The rule of every `sampleWeight`; `checkWeights` looks at the values. */
export const weightRule: Rule = shaped('an array of one number a row', arrayLike);

/** A copy of the weights, or undefined where all rows count the same. */
export function checkWeights(
  who: string,
  weights: ArrayLike<number> | undefined,
  n: number,
): Float64Array | undefined {
  if (weights === undefined) return undefined;
  if (weights.length !== n)
    throw new RangeError(`${who}: sampleWeight has ${weights.length} entries but X has ${n} rows`);
  const copy = numbersOf(weights, (row) => `${who}: sampleWeight[${row}]`);
  const wrong = copy.findIndex((weight) => !(weight >= 0 && weight < Infinity));
  if (wrong >= 0)
    throw new RangeError(
      `${who}: sampleWeight[${wrong}] must be a finite number ≥ 0; got ${describe(weights[wrong])}`,
    );
  if (copy.every((weight) => weight === 0))
    throw new RangeError(`${who}: sampleWeight must not be all zero; give at least one row a weight`);
  return copy;
}
