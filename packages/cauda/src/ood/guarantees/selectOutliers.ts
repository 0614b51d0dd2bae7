import { checkOptions, oneOf, type Rule, required } from '../../check.ts';
import { checkScores } from '../evaluation/scores.ts';
import { shareRule } from './conditional.ts';

export interface SelectOutliersOptions {
  /** The largest expected share of in-distribution rows among the selected, in (0, 1). */
  fdr: number;
  /**
   * "benjaminiHochberg" (the default), or "storey", which estimates how many rows are in-distribution and so selects
   * more where outliers are many.
   */
  method?: 'benjaminiHochberg' | 'storey';
}

const rules: Record<keyof SelectOutliersOptions, Rule> = {
  fdr: required(shareRule),
  method: oneOf('benjaminiHochberg', 'storey'),
};
const defaults: Required<Pick<SelectOutliersOptions, 'method'>> = { method: 'benjaminiHochberg' };

/**
 * Picks the outliers of a batch so that the false discovery rate, the mean share of in-distribution rows among those
 * picked (0 if none is), is at most `fdr`. Of m p-values in increasing order, the first k are picked, for the largest k
 * with p₍ₖ₎ ≤ k q / m. Storey's q is fdr / π₀ with π₀ = (1 + #{p ≥ ½}) / (m / 2), else q = fdr.
 *
 * For p-values of `conformalPValues` this holds on average over calibration sets, though they share one: Bates et al.
 * 2023, theorems 2 and 3. n calibration scores give no p-value below 1 / (n + 1), so picking k rows takes
 * n + 1 ≥ m / (k q).
 * Benjamini and Hochberg: *Controlling the false discovery rate*, JRSS B 57, 1995. Storey: *A direct approach to false
 * discovery rates*, JRSS B 64, 2002.
 * @param pValues one for each row (length m), in [0, 1]
 * @returns the rows picked, increasing
 * @throws TypeError or RangeError naming the index of what is no number in [0, 1]
 */
export function selectOutliers(pValues: ArrayLike<number>, options: SelectOutliersOptions): Uint32Array {
  const { fdr, method } = checkOptions('selectOutliers', options, rules, defaults);
  const p = checkScores('selectOutliers: pValues', pValues);
  const wrong = p.findIndex((value) => value < 0 || value > 1);
  if (wrong >= 0)
    throw new RangeError(`selectOutliers: pValues[${wrong}] must be a number in [0, 1]; got ${p[wrong]}`);
  const m = p.length;
  const expectedNull = method === 'storey' ? 2 * (1 + p.filter((value) => value >= 0.5).length) : m;
  const sorted = Float64Array.from(p).sort();
  let k = m;
  while (k > 0 && sorted[k - 1]! > (k * fdr) / expectedNull) k--;
  if (k === 0) return new Uint32Array(0);
  const limit = sorted[k - 1]!;
  return Uint32Array.from({ length: m }, (_, i) => i).filter((i) => p[i]! <= limit);
}
