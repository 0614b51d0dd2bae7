import { describe, expect, it } from 'vitest';
import type { Matrix } from '../src/matrix.ts';
import { gaussianMixture } from '../src/mixture/gaussianMixture.ts';
import { dataset, matrix, oracle, worstError } from './oracles.ts';

type Precision = 'float64' | 'float32';

interface Tolerances {
  means: number;
  covariances: number;
  /** Lower bound, BIC, log-densities: relative to max(1, |value|). */
  sums: number;
  /** Labels must agree unless two components are closer than this somewhere in the data. */
  margin: number;
}

/** fixtures/oracles/README.md, last paragraph. */
function tolerances(precision: Precision, nIter: number): Tolerances {
  if (precision === 'float32') return { means: 1e-3, covariances: 1e-3, sums: 1e-5, margin: 1e-2 };
  return nIter <= 5
    ? { means: 1e-9, covariances: 1e-7, sums: 1e-9, margin: 1e-4 }
    : { means: 1e-6, covariances: 1e-4, sums: 1e-6, margin: 1e-4 };
}

for (const precision of ['float64', 'float32'] as const)
  describe(`gaussianMixture in ${precision} gives scikit-learn's parameters, bounds and criteria`, () => {
    for (const { name, dataset: data, params, ...given } of oracle('gmm'))
      it(name, async () => {
        const { X } = dataset(data, precision);
        const { expect: wanted } = given;
        // float32's bound is rounded by about 1e-8: there, changes below 1e-7 cannot stop a run at the right iteration
        const fixed = precision === 'float32' && params.tol < 1e-7;
        const model = await gaussianMixture(X, {
          nComponents: params.n_components,
          covarianceType: params.covariance_type,
          tol: fixed ? 0 : params.tol,
          regCovar: params.reg_covar,
          maxIter: fixed ? wanted.n_iter : params.max_iter,
          init: {
            weights: given.weights_init,
            means: matrix(given.means_init),
            precisions: given.precisions_init,
          },
          sampleWeight: given.sample_weight ?? undefined,
        });
        const tolerance = tolerances(precision, wanted.n_iter);
        if (precision === 'float64') expect(model.nIter).toBe(wanted.n_iter);
        else expect(Math.abs(model.nIter - wanted.n_iter)).toBeLessThanOrEqual(1);
        const shared = Math.min(model.nIter, wanted.n_iter);
        expect(
          worstError(model.lowerBounds.subarray(0, shared), wanted.lower_bounds.slice(0, shared)),
        ).toBeLessThan(precision === 'float64' ? tolerance.sums : 1e-4); // midway, rounded data tell more
        if (!fixed) expect(model.converged).toBe(wanted.converged);
        expect(worstError(model.weights, wanted.weights)).toBeLessThan(tolerance.means);
        expect(worstError(model.means.data, wanted.means.data)).toBeLessThan(tolerance.means);
        expect(model.covariances.shape).toEqual(wanted.covariances.shape);
        expect(worstError(model.covariances.data, wanted.covariances.data)).toBeLessThan(
          tolerance.covariances,
        );
        expect(worstError([model.lowerBound], [wanted.lower_bound])).toBeLessThan(tolerance.sums);
        expect(model.nParameters).toBe(wanted.n_parameters);

        const rows = repeated(X, given.sample_weight);
        expect(worstError([model.score(rows)], [wanted.score_mean_loglik_final_params])).toBeLessThan(
          tolerance.sums,
        );
        expect(worstError([model.bic(rows), model.aic(rows)], [wanted.bic, wanted.aic])).toBeLessThan(
          tolerance.sums,
        );
        const head = X.take(Array.from({ length: 20 }, (_, i) => i));
        const wide = precision === 'float64' ? 10 * tolerance.means : 2e-2; // log-densities move with 1/σ² × means
        expect(worstError(model.scoreSamples(head), wanted.score_samples_head)).toBeLessThan(wide);
        expect(worstError(model.predictProba(head).data, wanted.predict_proba_head.data)).toBeLessThan(wide);
        if ((wanted.min_proba_margin ?? 1) > tolerance.margin)
          expect(Array.from(model.predict(X))).toEqual(wanted.predict);
      });
  });

/** The rows as often as their weights say. */
function repeated(X: Matrix, weights: number[] | null): Matrix {
  if (!weights) return X;
  return X.take(weights.flatMap((weight, i) => new Array<number>(weight).fill(i)));
}
