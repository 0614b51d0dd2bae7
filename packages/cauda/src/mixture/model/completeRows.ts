import { bytesOf, type Kernels, type Precision } from '../../kernels/kernels.ts';
import {
  BLOCK,
  DENSITY_CUTOFF,
  Density,
  EXACT_CUTOFF,
  RESPONSIBILITY_PITCH,
  shiftRows,
} from '../rows/density.ts';
import type { Evaluation } from './evaluation.ts';
import type { Evaluator, Rows } from './evaluator.ts';

/** Evaluates rows without missing entries, in blocks and in their own precision, with the kernels of any thread. */
export class CompleteRows implements Evaluator {
  readonly #kernels: Kernels;
  readonly #precision: Precision;
  readonly #density: Density;
  readonly #origin: Float64Array;
  readonly #k: number;
  /** Pointer to a block of rows. */
  readonly #x: number;

  constructor(kernels: Kernels, precision: Precision, { covarianceType, origin, density }: Evaluation) {
    const nComponents = density.constants.length;
    this.#kernels = kernels;
    this.#precision = precision;
    this.#origin = origin;
    this.#k = nComponents;
    this.#density = new Density(kernels, {
      nComponents,
      nFeatures: origin.length,
      covarianceType,
      precision,
    });
    this.#density.set(density);
    this.#x = kernels.zeros(BLOCK * this.#density.stride * bytesOf(precision));
  }

  scores(X: Rows): Float64Array {
    const scores = new Float64Array(X.rows);
    this.#eachBlock(X, DENSITY_CUTOFF, (from, logProb) => scores.set(logProb, from));
    return scores;
  }

  labels(X: Rows): Int32Array {
    return this.scoresAndLabels(X).labels;
  }

  /** Both from one evaluation. */
  scoresAndLabels(X: Rows): { scores: Float64Array; labels: Int32Array } {
    const scores = new Float64Array(X.rows);
    const labels = new Int32Array(X.rows);
    this.#eachBlock(X, DENSITY_CUTOFF, (from, logProb, probabilities) => {
      scores.set(logProb, from);
      for (let i = 0; i < logProb.length; i++) labels[from + i] = mostProbable(probabilities, i, this.#k);
    });
    return { scores, labels };
  }

  probabilities(X: Rows): Float64Array {
    const k = this.#k;
    const result = new Float64Array(X.rows * k);
    this.#eachBlock(X, EXACT_CUTOFF, (from, logProb, probabilities) => {
      for (let i = 0; i < logProb.length; i++)
        for (let c = 0; c < k; c++) result[(from + i) * k + c] = probabilities[c * RESPONSIBILITY_PITCH + i]!;
    });
    return result;
  }

  /**
   * Visits X block by block.
   * @param cutoff the relative log-density below which a component's probability is 0
   * @param visit takes the number of the block's first row, log p(x) of its rows, and their probabilities, those of
   *   component c from c × RESPONSIBILITY_PITCH on
   */
  #eachBlock(
    { data, rows }: Rows,
    cutoff: number,
    visit: (from: number, logProb: Float64Array, probabilities: Float64Array) => void,
  ): void {
    const kernels = this.#kernels;
    const { stride, logProb, responsibilities } = this.#density;
    for (let from = 0; from < rows; from += BLOCK) {
      const n = Math.min(BLOCK, rows - from);
      shiftRows(data, from, n, this.#origin, stride, kernels.floats(this.#precision, this.#x, n * stride));
      this.#density.evaluate(this.#x, n, cutoff);
      visit(from, kernels.f64(logProb, n), kernels.f64(responsibilities, this.#k * RESPONSIBILITY_PITCH));
    }
  }
}

/** The component that is most probable for row i of a block, the first of equals. */
function mostProbable(probabilities: Float64Array, i: number, nComponents: number): number {
  let best = 0;
  for (let c = 1; c < nComponents; c++)
    if (probabilities[c * RESPONSIBILITY_PITCH + i]! > probabilities[best * RESPONSIBILITY_PITCH + i]!)
      best = c;
  return best;
}
