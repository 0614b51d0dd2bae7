import { Breather } from '../../breather.ts';
import { checkOptions, controlRules } from '../../check.ts';
import { checkLabels, type Labels } from '../../labels.ts';
import type { Matrix } from '../../matrix.ts';
import type { FitControl } from '../../parallel/session.ts';
import { argmax, dot, total } from '../../vectors.ts';
import { rowsOf } from './base/input.ts';
import { softmax } from './softmax.ts';
import type { LabeledLogits } from './training.ts';

const MOST_STEPS = 200;

/**
 * The temperature T at which softmax(z / T) gives the labels the highest likelihood. Guo et al.: *On calibration of
 * modern neural networks*, ICML 2017, §4.2. Minus the log-likelihood is convex in β = 1 / T; its derivative is the mean
 * of Σ_j p_j z_j − z_label, and its zero is found by Newton's steps inside a shrinking bracket.
 * @param heldOut rows that the classifier was not trained on: on its training rows it is too sure
 * @returns T > 0
 * @throws RangeError if no finite T > 0 is best: all rows are classified right, or no better than by chance; the
 *   signal's reason when aborted
 */
export async function fitTemperature(heldOut: LabeledLogits, options: FitControl = {}): Promise<number> {
  const who = 'fitTemperature';
  const logits = rowsOf(who, heldOut, 'logits');
  const labels = checkClasses(who, heldOut.labels, logits.rows, logits.cols);
  const { signal } = checkOptions(who, options, controlRules, {});
  return bestTemperature(who, logits, labels, new Breather(signal));
}

/** `fitTemperature` of logits and labels that are checked already. */
export async function bestTemperature(
  who: string,
  logits: Matrix,
  labels: ArrayLike<number>,
  breather: Breather,
): Promise<number> {
  const rows = Array.from({ length: logits.rows }, (_, i) => Float64Array.from(logits.row(i)));
  const excess = (expected: (z: Float64Array) => number): number =>
    total(rows.map((z, i) => expected(z) - z[labels[i]!]!)) / rows.length;
  if (excess((z) => total(z) / z.length) >= 0)
    throw new RangeError(
      `${who}: the logits tell the labels no better than chance, so no temperature is best; check that labels are indices of the logits`,
    );
  if (excess((z) => z[argmax(z)]!) === 0)
    throw new RangeError(
      `${who}: all ${rows.length} rows are classified right, so every lower temperature is better; give rows held out from training, and enough that some are classified wrong`,
    );
  let low = 0;
  let high = Infinity;
  let beta = 1;
  for (let step = 0; step < MOST_STEPS; step++) {
    await breather.breathe();
    const p = rows.map((z) => softmax(z, 1 / beta));
    const slope = total(rows.map((z, i) => dot(p[i]!, z) - z[labels[i]!]!)) / rows.length;
    if (slope === 0) break;
    if (slope < 0) low = beta;
    else high = beta;
    const curvature = total(rows.map((z, i) => variance(p[i]!, z))) / rows.length;
    let next = beta - slope / curvature;
    if (!(next > low && next < high && next < 8 * beta))
      next = high === Infinity ? 4 * beta : low === 0 ? high / 4 : (low + high) / 2;
    const change = Math.abs(next - beta);
    beta = next;
    if (change <= 1e-14 * beta) break;
  }
  return 1 / beta;
}

/** Σ p (z − Σ p z)². */
function variance(p: Float64Array, z: Float64Array): number {
  const mean = dot(p, z);
  return dot(
    p,
    z.map((value) => (value - mean) * (value - mean)),
  );
}

/** Checks that labels are indices of `nClasses` columns. */
export function checkClasses(who: string, labels: Labels, rows: number, nClasses: number): Int32Array {
  if (labels === undefined) throw new TypeError(`${who}: labels are missing: the class of each row`);
  const checked = checkLabels(who, labels, rows);
  for (let i = 0; i < rows; i++)
    if (!(checked[i]! >= 0 && checked[i]! < nClasses))
      throw new RangeError(
        `${who}: labels[${i}] must be the index of one of the ${nClasses} classes; got ${checked[i]}`,
      );
  return checked;
}
