import { describe, expect, it } from 'vitest';
import { bayesianGaussianMixture } from '../src/mixture/bayesian/bayesianGaussianMixture.ts';
import { dataset, oracle, worstError } from './oracles.ts';

const cases = oracle('bgm');

it('there are 28 cases', () => {
  expect(cases).toHaveLength(28);
});

for (const precision of ['float64', 'float32'] as const)
  describe(`bayesianGaussianMixture in ${precision} gives scikit-learn's posterior, bound and probabilities`, () => {
    for (const { name, dataset: data, params, init_labels, expect: wanted } of cases)
      it(name, async () => {
        const { X } = dataset(data, precision);
        // float32's bound is rounded by about 1e-5: changes below that cannot stop a run at the right iteration
        const fixed = precision === 'float32';
        const model = await bayesianGaussianMixture(X, {
          nComponents: params.n_components,
          covarianceType: params.covariance_type,
          weightConcentrationPriorType:
            params.weight_concentration_prior_type === 'dirichlet_process'
              ? 'dirichletProcess'
              : 'dirichletDistribution',
          weightConcentrationPrior: params.weight_concentration_prior,
          meanPrecisionPrior: params.mean_precision_prior,
          regCovar: params.reg_covar,
          tol: fixed ? 0 : params.tol,
          maxIter: fixed ? wanted.n_iter : params.max_iter,
          init: { labels: init_labels },
        });
        const late = wanted.n_iter > 5;
        const [means, covariances, sums] =
          precision === 'float32' ? [1e-3, 1e-3, 1e-5] : late ? [1e-6, 1e-4, 1e-6] : [1e-9, 1e-7, 1e-9];
        expect(model.nIter).toBe(wanted.n_iter);
        if (!fixed) expect(model.converged).toBe(wanted.converged);
        expect(worstError(model.weights, wanted.weights)).toBeLessThan(means!);
        expect(worstError(model.means.data, wanted.means.data)).toBeLessThan(means!);
        expect(model.covariances.shape).toEqual(wanted.covariances.shape);
        expect(worstError(model.covariances.data, wanted.covariances.data)).toBeLessThan(covariances!);
        expect(worstError([model.lowerBound], [wanted.lower_bound])).toBeLessThan(sums!);
        expect(worstError(model.weightConcentration.data, wanted.weight_concentration.flat())).toBeLessThan(
          means!,
        );
        expect(worstError(model.meanPrecision, wanted.mean_precision)).toBeLessThan(means!);
        expect(worstError(model.degreesOfFreedom, wanted.degrees_of_freedom)).toBeLessThan(means!);
        const { priors } = wanted;
        const exact = precision === 'float64' ? 1e-12 : 1e-6;
        expect(model.priors.weightConcentration).toBeCloseTo(priors.weight_concentration_prior_, 15);
        expect(model.priors.meanPrecision).toBe(priors.mean_precision_prior_);
        expect(model.priors.degreesOfFreedom).toBe(priors.degrees_of_freedom_prior_);
        expect(worstError(model.priors.mean, priors.mean_prior_)).toBeLessThan(exact);
        expect(worstError(model.priors.covariance, priors.covariance_prior_.data)).toBeLessThan(exact);

        expect(worstError([model.score(X)], [wanted.score_mean_loglik_final_params])).toBeLessThan(
          precision === 'float64' ? sums! : 1e-4,
        );
        const head = X.take(Array.from({ length: 20 }, (_, i) => i));
        const wide = precision === 'float64' ? 10 * means! : 2e-2;
        expect(worstError(model.scoreSamples(head), wanted.score_samples_head)).toBeLessThan(wide);
        expect(worstError(model.predictProba(head).data, wanted.predict_proba_head.data)).toBeLessThan(wide);
        if (wanted.min_proba_margin > (precision === 'float64' ? 1e-4 : 1e-2))
          expect(Array.from(model.predict(X))).toEqual(wanted.predict);
      });
  });
