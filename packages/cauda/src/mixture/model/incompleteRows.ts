import { factoredBefore } from '../covariance/collapse.ts';
import { IncompleteDensity } from '../missing/density.ts';
import { patternsOf } from '../missing/patterns.ts';
import type { Evaluation } from './evaluation.ts';
import type { Evaluator, Rows } from './evaluator.ts';

/** Evaluates rows some of whose entries are missing (NaN), in float64: the density is that of the observed entries. */
export class IncompleteRows implements Evaluator {
  readonly #density: IncompleteDensity;

  constructor({ covarianceType, parameters }: Pick<Evaluation, 'covarianceType' | 'parameters'>) {
    this.#density = new IncompleteDensity(
      covarianceType,
      parameters,
      factoredBefore('GaussianMixtureModel'), // when the model was made
    );
  }

  scores(X: Rows): Float64Array {
    const scores = new Float64Array(X.rows);
    this.each(X, (row, logProb) => {
      scores[row] = logProb;
    });
    return scores;
  }

  labels(X: Rows): Int32Array {
    const labels = new Int32Array(X.rows);
    this.each(X, (row, _, { probabilities }) => {
      labels[row] = probabilities.reduce((best, p, c) => (p > probabilities[best]! ? c : best), 0);
    });
    return labels;
  }

  probabilities(X: Rows): Float64Array {
    const k = this.#density.probabilities.length;
    const result = new Float64Array(X.rows * k);
    this.each(X, (row, _, { probabilities }) => result.set(probabilities, row * k));
    return result;
  }

  /** Visits the rows, pattern by pattern, with log p of what they have and the density that has just evaluated them. */
  each(
    { data, rows, cols }: Rows,
    visit: (row: number, logProb: number, density: IncompleteDensity) => void,
  ): void {
    const density = this.#density;
    for (const pattern of patternsOf(data, rows, cols)) {
      density.use(pattern);
      pattern.rows.forEach((row, i) => {
        visit(row, density.evaluate(pattern.data, i * pattern.observed.length), density);
      });
    }
  }
}
