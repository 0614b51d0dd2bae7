import { Matrix } from '../../matrix.ts';
import { type Saved, type SavedArray, SavedReader, saveArray, saveMatrix } from '../../serialize.ts';
import { withoutMinusZero } from '../../vectors.ts';
import { covarianceCount, covarianceLength } from '../covariance/type.ts';
import { notPositiveDefinite, readMixture } from '../model/saved.ts';
import { GaussianMixtureModel, type SavedGaussianMixture } from '../model.ts';
import { expectedLogTerms } from './expectation.ts';
import { type WeightConcentrationPriorType, weightConcentrationPriorTypes } from './options.ts';
import type { Posterior, Priors, VariationalShape } from './posterior.ts';

const VERSION = 2;

/** A `BayesianGaussianMixtureModel` as plain data. */
export interface SavedBayesianGaussianMixture extends SavedGaussianMixture {
  readonly weightConcentrationPriorType: WeightConcentrationPriorType;
  readonly weightConcentration: SavedArray;
  readonly meanPrecision: SavedArray;
  readonly degreesOfFreedom: SavedArray;
  readonly priors: Saved & Readonly<Record<keyof Priors, unknown>>;
}

/**
 * A variational posterior over mixtures of Gaussians: the expected parameters, and how sure they are. Frozen; made by
 * `bayesianGaussianMixture` or `BayesianGaussianMixtureModel.fromJSON`.
 *
 * As in scikit-learn, densities and probabilities are of the expected log-parameters, E[log π_k] and E[log N(x | μ_k,
 * Λ_k⁻¹)]: a lower bound on the log of the predictive density. The other methods
 * (`sample`, `marginal`, `conditional`, `impute`, `partialFit`) take the expected parameters.
 */
export class BayesianGaussianMixtureModel extends GaussianMixtureModel {
  /** The `format` of its saved form. */
  static override readonly format: string = 'cauda.bayesianGaussianMixture';
  readonly weightConcentrationPriorType: WeightConcentrationPriorType;
  /**
   * 1 × nComponents, the parameters of the Dirichlet distribution; or 2 × nComponents, a and b of each stick's Beta
   * distribution.
   */
  readonly weightConcentration: Matrix;
  /** How many rows each component's mean counts for (β), length nComponents. */
  readonly meanPrecision: Float64Array;
  /** Of each component's Wishart distribution (ν), length nComponents; length 1 when tied. */
  readonly degreesOfFreedom: Float64Array;
  /** What was believed before the data. */
  readonly priors: Priors;

  /** Takes the parts as they are; for `bayesianGaussianMixture` and `fromJSON`. */
  constructor(
    shape: VariationalShape,
    posterior: Posterior,
    priors: Priors,
    { lowerBounds, converged }: { lowerBounds: Float64Array; converged: boolean },
    refuse: (component: number) => Error,
  ) {
    const { weights, means, covariances, weightConcentration } = posterior;
    const { covarianceType } = shape;
    const [k, d] = [weights.length, priors.mean.length];
    super(
      {
        covarianceType,
        weights,
        means: new Matrix(means, k, d),
        covariances,
        lowerBounds,
        converged,
        logTerms: expectedLogTerms(shape, posterior, d),
      },
      refuse,
    );
    this.weightConcentrationPriorType = shape.weightConcentrationPriorType;
    this.weightConcentration = new Matrix(weightConcentration, weightConcentration.length / k, k);
    this.meanPrecision = posterior.meanPrecision;
    this.degreesOfFreedom = posterior.degreesOfFreedom;
    this.priors = Object.freeze({
      ...priors,
      mean: withoutMinusZero(priors.mean),
      covariance: withoutMinusZero(priors.covariance),
    });
    Object.freeze(this);
  }

  override toJSON(): SavedBayesianGaussianMixture {
    const { mean, covariance, ...numbers } = this.priors;
    const { format } = BayesianGaussianMixtureModel;
    return {
      ...super.toJSON(),
      format,
      version: VERSION,
      weightConcentrationPriorType: this.weightConcentrationPriorType,
      weightConcentration: saveMatrix(this.weightConcentration),
      meanPrecision: saveArray(this.meanPrecision),
      degreesOfFreedom: saveArray(this.degreesOfFreedom),
      priors: {
        format: `${format}.priors`,
        version: VERSION,
        ...numbers,
        mean: saveArray(mean),
        covariance: saveArray(covariance),
      },
    };
  }

  /**
   * The model that `toJSON` saved, to the bit.
   * @throws TypeError or RangeError for anything else, naming the field
   */
  static override fromJSON(value: unknown): BayesianGaussianMixtureModel {
    const who = 'BayesianGaussianMixtureModel.fromJSON';
    const { format } = BayesianGaussianMixtureModel;
    const saved = new SavedReader(who, value, format, VERSION);
    const { covarianceType, weights, means, covariances, lowerBounds, converged } = readMixture(who, saved);
    const { rows: k, cols: d } = means;
    const type = saved.choice('weightConcentrationPriorType', weightConcentrationPriorTypes);
    const concentration = saved.matrix('weightConcentration', type === 'dirichletProcess' ? 2 : 1, k);
    const positive = (name: string, values: Float64Array, above: number): Float64Array =>
      values.every((number) => number > above) ? values : saved.fail(name, `numbers above ${above}`);
    const posterior: Posterior = {
      weights,
      means: Float64Array.from(means.data),
      covariances,
      weightConcentration: positive('weightConcentration', Float64Array.from(concentration.data), 0),
      meanPrecision: positive('meanPrecision', saved.numbers('meanPrecision', k), 0),
      degreesOfFreedom: positive(
        'degreesOfFreedom',
        saved.numbers('degreesOfFreedom', covarianceCount(covarianceType, k)),
        d - 1,
      ),
    };
    const prior = new SavedReader(`${who}: priors`, saved.field('priors'), `${format}.priors`, VERSION);
    const priors: Priors = {
      weightConcentration: prior.number('weightConcentration', Number.MIN_VALUE),
      meanPrecision: prior.number('meanPrecision', Number.MIN_VALUE),
      mean: prior.numbers('mean', d),
      degreesOfFreedom: prior.number('degreesOfFreedom', d - 1),
      covariance: prior.numbers('covariance', covarianceLength(covarianceType, d)),
    };
    return new BayesianGaussianMixtureModel(
      { covarianceType, weightConcentrationPriorType: type },
      posterior,
      priors,
      { lowerBounds, converged },
      notPositiveDefinite(who, covarianceType),
    );
  }
}
