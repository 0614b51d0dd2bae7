import type { Program } from '../../parallel/program.ts';
import { factoredBefore } from '../covariance/collapse.ts';
import type { MixtureParameters } from '../covariance/parameters.ts';
import { type CovarianceType, isDense, secondAt, secondLength } from '../covariance/type.ts';
import { IncompleteDensity } from './density.ts';
import { type Pattern, patternsOf } from './patterns.ts';

/** What the program's threads know from the start. */
export interface IncompleteConfig {
  readonly covarianceType: CovarianceType;
  /** Responsibilities below it are skipped. */
  readonly negligible: number;
}

export type IncompleteSteps = {
  /** E-step and expected moments around the means; a sum is [Σ w log p(x), Σ w, Σ r, first moments, second moments]. */
  em: { params: MixtureParameters; result: Float64Array };
};

interface IncompleteShard {
  readonly patterns: readonly Pattern[];
  readonly weights: Float64Array | undefined;
}

/**
 * EM's work on rows with missing entries (Ghahramani and Jordan, 1994): each row enters the moments filled with the
 * component's conditional means, and each pattern's conditional covariance as often as its rows belong to the component.
 */
export const incompleteProgram: Program<IncompleteConfig, IncompleteShard, IncompleteSteps> = {
  name: 'incompleteEm',
  open: (_, { covarianceType, negligible }) => ({
    load: ({ data, n, d, columns }) => ({
      patterns: patternsOf(data, n, d),
      weights: columns.sampleWeight as Float64Array | undefined,
    }),
    steps: {
      em: (parameters) => {
        const density = new IncompleteDensity(covarianceType, parameters, factoredBefore('gaussianMixture'));
        return ({ patterns, weights }) => {
          const sums = new ExpectedSums(covarianceType, density);
          for (const pattern of patterns) sums.add(pattern, weights, negligible);
          return sums.values;
        };
      },
    },
  }),
};

/** The sums of one shard: a step's result. */
class ExpectedSums {
  readonly values: Float64Array;
  readonly #type: CovarianceType;
  readonly #density: IncompleteDensity;
  readonly #k: number;
  readonly #d: number;

  constructor(type: CovarianceType, density: IncompleteDensity) {
    this.#type = type;
    this.#density = density;
    this.#k = density.probabilities.length;
    this.#d = density.deviations.length / this.#k;
    this.values = new Float64Array(2 + this.#k + this.#k * this.#d + secondLength(type, this.#k, this.#d));
  }

  add(pattern: Pattern, weights: Float64Array | undefined, negligible: number): void {
    const { rows, data, observed, missing } = pattern;
    const { values } = this;
    const density = this.#density;
    const belong = new Float64Array(this.#k);
    density.use(pattern);
    rows.forEach((row, i) => {
      const weight = weights ? weights[row]! : 1;
      values[0]! += weight * density.evaluate(data, i * observed.length);
      values[1]! += weight;
      for (let c = 0; c < this.#k; c++) {
        const r = density.probabilities[c]!;
        if (r < negligible) continue;
        belong[c]! += weight * r;
        this.#addRow(c, weight * r);
      }
    });
    for (let c = 0; c < this.#k; c++) {
      values[2 + c]! += belong[c]!;
      this.#addCovariance(c, belong[c]!, missing);
    }
  }

  /** Where component c's second moments begin. */
  #second(c: number): number {
    return 2 + this.#k + this.#k * this.#d + secondAt(this.#type, c, this.#d);
  }

  #addRow(c: number, r: number): void {
    const { values } = this;
    const { deviations } = this.#density;
    const d = this.#d;
    const own = c * d;
    const first = 2 + this.#k + own;
    const dense = isDense(this.#type);
    let at = this.#second(c);
    for (let i = 0; i < d; i++) {
      const weighted = r * deviations[own + i]!;
      values[first + i]! += weighted;
      if (dense) for (let j = i; j < d; j++) values[at++]! += weighted * deviations[own + j]!;
      else values[at++]! += weighted * deviations[own + i]!;
    }
  }

  #addCovariance(c: number, times: number, missing: Int32Array): void {
    const { values } = this;
    const covariance = this.#density.covarianceOf(c);
    const d = this.#d;
    const m = missing.length;
    const from = this.#second(c);
    for (let a = 0; a < m; a++) {
      const i = missing[a]!;
      if (!isDense(this.#type)) values[from + i]! += times * covariance[a]!;
      else {
        const row = from + i * d - (i * (i - 1)) / 2 - i; // of the packed upper half: column j is at row + j
        for (let b = a; b < m; b++) values[row + missing[b]!]! += times * covariance[a * m + b]!;
      }
    }
  }
}
