import { Matrix } from '../../matrix.ts';
import { type Saved, SavedReader, saveMatrix } from '../../serialize.ts';
import { covarianceCount, covarianceLength, covarianceTypes, ofComponent } from '../covariance/type.ts';
import { GaussianMixtureModel } from '../model.ts';
import { checkCovarianceArray, checkMixtureWeights } from '../options.ts';
import { type WeightConcentrationPriorType, weightConcentrationPriorTypes } from './options.ts';
import { expectedLogTerms, type Posterior, type Priors, type VariationalShape } from './variational.ts';

const FORMAT = 'cauda.bayesianGaussianMixture';
const VERSION = 1;

/**
 * A variational posterior over mixtures of Gaussians: the expected parameters, and how sure they are. Frozen; made by
 * `bayesianGaussianMixture` or `BayesianGaussianMixtureModel.fromJSON`.
 *
 * As in scikit-learn, densities and probabilities are of the expected log-parameters, E[log π_k] and E[log N(x | μ_k,
 * Λ_k⁻¹)]: a lower bound on the log of the predictive density. The other methods
 * (`sample`, `marginal`, `conditional`, `impute`, `partialFit`) take the expected parameters.
 */
export class BayesianGaussianMixtureModel extends GaussianMixtureModel {
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
      mean: priors.mean.map((value) => value + 0), // −0 becomes 0, as JSON would have it
      covariance: priors.covariance.map((value) => value + 0),
    });
    Object.freeze(this);
  }

  override toJSON(): Saved & Record<string, unknown> {
    const { mean, covariance, ...numbers } = this.priors;
    return {
      ...super.toJSON(),
      format: FORMAT,
      version: VERSION,
      weightConcentrationPriorType: this.weightConcentrationPriorType,
      weightConcentration: saveMatrix(this.weightConcentration),
      meanPrecision: Array.from(this.meanPrecision),
      degreesOfFreedom: Array.from(this.degreesOfFreedom),
      priors: {
        format: `${FORMAT}.priors`,
        version: VERSION,
        ...numbers,
        mean: Array.from(mean),
        covariance: Array.from(covariance),
      },
    };
  }

  /**
   * The model that `toJSON` saved, to the bit.
   * @throws TypeError or RangeError for anything else, naming the field
   */
  static override fromJSON(value: unknown): BayesianGaussianMixtureModel {
    const who = 'BayesianGaussianMixtureModel.fromJSON';
    const saved = new SavedReader(who, value, FORMAT, VERSION);
    const covarianceType = saved.choice('covarianceType', covarianceTypes);
    const means = saved.matrix('means');
    const { rows: k, cols: d } = means;
    const type = saved.choice('weightConcentrationPriorType', weightConcentrationPriorTypes);
    const weights = checkMixtureWeights(`${who}: weights`, saved.numbers('weights', k), k);
    const given = saved.field('covariances') as { data: ArrayLike<number>; shape: readonly number[] };
    const concentration = saved.matrix('weightConcentration', type === 'dirichletProcess' ? 2 : 1, k);
    const positive = (name: string, values: Float64Array, above: number): Float64Array =>
      values.every((number) => number > above) ? values : saved.fail(name, `numbers above ${above}`);
    const posterior: Posterior = {
      weights,
      means: Float64Array.from(means.data),
      covariances: checkCovarianceArray(`${who}: covariances`, given, covarianceType, k, d),
      weightConcentration: positive('weightConcentration', Float64Array.from(concentration.data), 0),
      meanPrecision: positive('meanPrecision', saved.numbers('meanPrecision', k), 0),
      degreesOfFreedom: positive(
        'degreesOfFreedom',
        saved.numbers('degreesOfFreedom', covarianceCount(covarianceType, k)),
        d - 1,
      ),
    };
    const prior = new SavedReader(`${who}: priors`, saved.field('priors'), `${FORMAT}.priors`, VERSION);
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
      { lowerBounds: saved.numbers('lowerBounds'), converged: saved.flag('converged') },
      (component) =>
        new RangeError(
          `${who}: covariances${ofComponent(covarianceType, component)} must be positive definite`,
        ),
    );
  }
}
