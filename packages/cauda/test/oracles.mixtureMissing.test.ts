import { describe, expect, it } from 'vitest';
import { Matrix } from '../src/matrix.ts';
import { gaussianMixture } from '../src/mixture/gaussianMixture.ts';
import { matrix, oracle, worstError } from './oracles.ts';
import { inverse, tabulate } from './textbook.ts';

const cases = oracle('missing');
const rows = matrix(cases[0].X_with_null);
const mixtures = cases.filter(({ name }: { name: string }) => name.includes('gmm'));

/** The inverse of each of K covariances. */
function precisionsOf({ shape, data }: { shape: number[]; data: number[] }): {
  data: number[];
  shape: number[];
} {
  const [k, d] = shape as [number, number];
  const inverses = Array.from({ length: k }, (_, c) =>
    inverse(tabulate(d, d, (i, j) => data[(c * d + i) * d + j]!)).flat(),
  );
  return { data: inverses.flat(), shape };
}

for (const precision of ['float64', 'float32'] as const)
  describe(`gaussianMixture with missing entries in ${precision} gives the reference's mixture`, () => {
    const X = new Matrix(
      precision === 'float64' ? rows.data : Float32Array.from(rows.data),
      rows.rows,
      rows.cols,
    );

    for (const { name, params, expect: wanted, ...given } of mixtures)
      it(name, async () => {
        // float32's bound is rounded by about 1e-8: there, changes below 1e-7 cannot stop a run at the right iteration
        const fixed = precision === 'float32';
        const model = await gaussianMixture(X, {
          nComponents: params.n_components,
          covarianceType: params.covariance_type,
          regCovar: params.reg_covar,
          maxIter: fixed ? wanted.n_iter : params.max_iter,
          tol: fixed ? 0 : params.tol,
          init: {
            weights: given.weights_init,
            means: matrix(given.means_init),
            precisions: precisionsOf(given.covariances_init),
          },
          missing: 'observed',
        });
        const late = wanted.n_iter > 5;
        const [means, covariances, sums] =
          precision === 'float32' ? [1e-3, 1e-3, 1e-5] : late ? [1e-6, 1e-4, 1e-6] : [1e-9, 1e-7, 1e-9];
        expect(model.nIter).toBe(wanted.n_iter);
        if (!fixed) expect(model.converged).toBe(wanted.converged);
        expect(worstError(model.lowerBounds, wanted.lower_bounds_mean_observed_loglik)).toBeLessThan(sums!);
        expect(worstError(model.weights, wanted.weights)).toBeLessThan(means!);
        expect(worstError(model.means.data, wanted.means.data)).toBeLessThan(means!);
        expect(worstError(model.covariances.data, wanted.covariances.data)).toBeLessThan(covariances!);
        expect(model.missing).toBe('observed');

        // the reference's last E-step belongs to the parameters one iteration earlier
        const before = await gaussianMixture(X, {
          nComponents: params.n_components,
          regCovar: params.reg_covar,
          maxIter: wanted.n_iter - 1,
          tol: 0,
          init: {
            weights: given.weights_init,
            means: matrix(given.means_init),
            precisions: precisionsOf(given.covariances_init),
          },
          missing: 'observed',
        });
        const head = X.take(Array.from({ length: 20 }, (_, i) => i));
        const wide = precision === 'float64' ? 10 * means! : 1e-2;
        expect(
          worstError(before.predictProba(head).data, wanted.responsibilities_last_estep_head20.data),
        ).toBeLessThan(wide);
        expect(
          worstError(before.impute(head).data, wanted.conditional_mean_imputation_last_estep_head20.data),
        ).toBeLessThan(wide);
      });

    it('one component is the maximum-likelihood normal with missing entries', async () => {
      const { expect: wanted } = cases.find(({ name }: { name: string }) => name.includes('mvn'));
      const model = await gaussianMixture(X, {
        nComponents: 1,
        regCovar: 0,
        tol: precision === 'float64' ? 1e-13 : 1e-7,
        maxIter: 1000,
        missing: 'observed',
      });
      const [means, covariances] = precision === 'float64' ? [1e-6, 1e-6] : [1e-3, 1e-3];
      expect(worstError(model.means.data, wanted.mean)).toBeLessThan(means!);
      expect(
        worstError(model.covariances.data, wanted.covariance.data ?? wanted.covariance.flat()),
      ).toBeLessThan(covariances!);
      expect(model.lowerBound).toBeCloseTo(wanted.mean_observed_loglik, precision === 'float64' ? 10 : 5);
      expect(model.score(X)).toBeCloseTo(wanted.mean_observed_loglik, precision === 'float64' ? 10 : 5);
    });
  });
