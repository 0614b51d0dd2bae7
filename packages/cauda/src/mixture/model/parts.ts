import type { Matrix } from '../../matrix.ts';
import type { CovarianceType } from '../covariance/type.ts';
import type { MissingEntries } from '../options.ts';

/** What a mixture model is made of. */
export interface MixtureParts {
  readonly covarianceType: CovarianceType;
  readonly weights: Float64Array;
  /** nComponents × nFeatures. */
  readonly means: Matrix;
  /** In the shape of the covariance type. */
  readonly covariances: Float64Array;
  readonly lowerBounds: Float64Array;
  readonly converged: boolean;
  /** Added to each component's log-density in place of log w_k. */
  readonly logTerms?: Float64Array;
  readonly classes?: Int32Array | undefined;
  readonly missing?: MissingEntries | undefined;
}
