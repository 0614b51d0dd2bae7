import { paced } from '../../breather.ts';
import { checkOptions, controlRules, flag, integerIn, shaped } from '../../check.ts';
import { covariancePieces } from '../../decompose/covariance.ts';
import { PcaModel, pca } from '../../decompose/pca.ts';
import { timesTransposed } from '../../decompose/product.ts';
import { symmetricEigen, symmetricEigenPieces } from '../../decompose/symmetricEigen.ts';
import { Matrix } from '../../matrix.ts';
import type { FitControl } from '../../parallel/session.ts';
import type { SavedReader } from '../../serialize.ts';
import { argmax, dot, norm, total } from '../../vectors.ts';
import { type Detector, type DetectorKind, detectorOf } from './base/detector.ts';
import { doubleRowsOf, scoreRows } from './base/input.ts';
import { checkHead, type HeadParts, logitsOf, readHead } from './head.ts';
import { logSumExp } from './softmax.ts';
import type { FeatureTraining, HeadTraining } from './training.ts';

/** Detectors that measure what a subspace of large variance leaves over. */

export interface SubspaceOptions extends FitControl {
  /** Dimensions of the subspace, in [1, nFeatures − 1]; defaults to half of the features. */
  dim?: number;
}

export interface PcaResidualOptions extends FitControl {
  /**
   * Components of the subspace: an integer in [1, min(rows, columns)], or a fraction in (0, 1) for as many as explain
   * more than that share of the variance. Defaults to 0.95.
   */
  nComponents?: number;
  /** Whether the residual is divided by the row's distance to the mean; defaults to false. */
  relative?: boolean;
}

/** The directions that are left over (rows, orthonormal) and where features are measured from. */
interface Residual {
  readonly origin: Float64Array;
  readonly complement: Matrix;
}

export const residualKind: DetectorKind<Residual> = {
  name: 'residual',
  score: (parts, input) =>
    residualNorms(parts, doubleRowsOf('residual.score', input, 'features', parts.origin.length)),
  read: (saved) => readResidual(saved),
};

function readResidual(saved: SavedReader): Residual {
  const complement = saved.matrix('complement');
  return { complement, origin: saved.numbers('origin', complement.cols) };
}

/**
 * The length of what is left of x − u outside the subspace of the training rows' largest variance around u, where
 * u = −W⁺b is the point at which the head's logits vanish. Wang et al.: *ViM: Out-of-distribution with virtual-logit
 * matching*, CVPR 2022, §4.
 * @throws TypeError or RangeError for rows or options that make no sense; the signal's reason when aborted
 */
export async function residual(training: HeadTraining, options: SubspaceOptions = {}): Promise<Detector> {
  const features = doubleRowsOf('residual', training, 'features');
  const head = checkHead('residual', training.head, features.cols);
  return detectorOf(residualKind, await fitResidual('residual', features, head, options));
}

interface Vim extends HeadParts, Residual {
  readonly alpha: number;
}

export const vimKind: DetectorKind<Vim> = {
  name: 'vim',
  score: (parts, input) => {
    const features = doubleRowsOf('vim.score', input, 'features', parts.origin.length);
    const logits = logitsOf(parts, features);
    return residualNorms(parts, features).map((length, i) => parts.alpha * length - logSumExp(logits.row(i)));
  },
  read: (saved) => {
    const fitted = readResidual(saved);
    const head = readHead(saved, fitted.origin.length);
    return { ...head, ...fitted, alpha: saved.number('alpha', 0) };
  },
};

/**
 * The `residual`, as a virtual logit, against the energy of the real ones: α ‖residual‖ − log Σ exp(logits), where α
 * gives the training rows' residuals the mean of their largest logits. Wang et al.: *ViM: Out-of-distribution with
 * virtual-logit matching*, CVPR 2022.
 * @throws RangeError if the training rows leave no residual or their largest logits are not positive on
 *   average; the signal's reason when aborted
 */
export async function vim(training: HeadTraining, options: SubspaceOptions = {}): Promise<Detector> {
  const features = doubleRowsOf('vim', training, 'features');
  const head = checkHead('vim', training.head, features.cols);
  const fitted = await fitResidual('vim', features, head, options);
  const residuals = total(residualNorms(fitted, features));
  const largest = total(scoreRows(logitsOf(head, features), (z) => z[argmax(z)]!));
  const alpha = largest / residuals;
  if (!(alpha > 0 && alpha < Infinity))
    throw new RangeError(
      `vim: the mean residual and the mean largest logit of the training rows must be positive; got ${residuals / features.rows} and ${largest / features.rows}; try a smaller dim`,
    );
  return detectorOf(vimKind, { ...head, ...fitted, alpha });
}

async function fitResidual(
  who: string,
  features: Matrix,
  head: HeadParts,
  options: SubspaceOptions,
): Promise<Residual> {
  const d = features.cols;
  if (d < 2) throw new RangeError(`${who}: features must have at least 2 columns; got 1`);
  const rules = { ...controlRules, dim: integerIn(1, d - 1, 'fewer than the features') };
  const { dim, signal } = checkOptions(who, options, rules, { dim: Math.floor(d / 2) });
  const origin = vanishingPoint(head);
  if (features.rows < 2) throw new RangeError(`${who}: features must have at least 2 rows; got 1`);
  const moments = await paced(covariancePieces(features, origin), signal);
  if (!moments.every(Number.isFinite))
    throw new RangeError(`${who}: the squares of the features overflow; scale them down first`);
  const { vectors } = await paced(symmetricEigenPieces(moments, d), signal);
  return { origin, complement: new Matrix(vectors.slice(dim * d), d - dim, d) };
}

/** −W⁺b for the k × d weights W: the point nearest to 0 at which the logits vanish, or nearly. */
function vanishingPoint({ weights, bias }: HeadParts): Float64Array {
  const { rows: k, cols: d } = weights;
  const rows = Array.from({ length: k }, (_, c) => weights.row(c));
  const gram = Float64Array.from({ length: k * k }, (_, at) => dot(rows[at % k]!, rows[Math.floor(at / k)]!));
  const { values, vectors } = symmetricEigen(gram, k); // W⁺ = Wᵀ(WWᵀ)⁺
  const smallest = Math.max(k, d) * Number.EPSILON * values[0]!;
  const point = new Float64Array(d);
  for (let e = 0; e < k && values[e]! > smallest; e++) {
    const axis = vectors.subarray(e * k, (e + 1) * k);
    const along = dot(axis, bias) / values[e]!;
    for (let c = 0; c < k; c++) for (let j = 0; j < d; j++) point[j]! -= along * axis[c]! * rows[c]![j]!;
  }
  return point;
}

function residualNorms({ origin, complement }: Residual, features: Matrix): Float64Array {
  const d = origin.length;
  const write = (i: number, out: Float64Array | Float32Array, at: number): void => {
    for (let j = 0; j < d; j++) out[at + j] = features.data[i * d + j]! - origin[j]!;
  };
  const left = timesTransposed(features, write, complement.data as Float64Array, complement.rows, d);
  return scoreRows(new Matrix(left, features.rows, complement.rows), norm);
}

interface PcaParts {
  readonly pca: PcaModel;
  readonly relative: boolean;
}

const BLOCK = 512; // rows at a time: a row may have many pixels

export const pcaResidualKind: DetectorKind<PcaParts> = {
  name: 'pcaResidual',
  score: (parts, input) => {
    const { data, rows, cols } = doubleRowsOf('pcaResidual.score', input, 'features', parts.pca.mean.length);
    const scores = new Float64Array(rows);
    for (let first = 0; first < rows; first += BLOCK) {
      const count = Math.min(BLOCK, rows - first);
      const block = new Matrix(data.slice(first * cols, (first + count) * cols), count, cols);
      const explained = parts.pca.inverseTransform(parts.pca.transform(block));
      const lengths = scoreRows(block, (x, i) => {
        const found = explained.row(i);
        const left = norm(x.map((value, j) => value - found[j]!));
        if (!parts.relative) return left;
        const whole = norm(x.map((value, j) => value - parts.pca.mean[j]!));
        return left && left / whole;
      });
      scores.set(lengths, first);
    }
    return scores;
  },
  read: (saved) => ({ pca: PcaModel.fromJSON(saved.field('pca')), relative: saved.flag('relative') }),
};

/**
 * What principal components of the training rows do not explain of a row, ‖x − x̂‖, or `relative` to all of it,
 * ‖x − x̂‖ / ‖x − μ‖ (0 at the mean). The features may be pixels, embeddings or activations. Jackson and Mudholkar:
 * *Control procedures for residuals associated with principal component analysis*, Technometrics 21, 1979.
 * @throws TypeError or RangeError for rows or options that make no sense; the signal's reason when aborted
 */
export async function pcaResidual(
  training: FeatureTraining,
  options: PcaResidualOptions = {},
): Promise<Detector> {
  const features = doubleRowsOf('pcaResidual', training, 'features');
  const isNumber = shaped('a number', (value) => typeof value === 'number');
  const rules = { ...controlRules, nComponents: isNumber, relative: flag };
  const defaults = { nComponents: 0.95, relative: false };
  const { nComponents, relative, signal } = checkOptions('pcaResidual', options, rules, defaults);
  signal?.throwIfAborted();
  return detectorOf(pcaResidualKind, { pca: await pca(features, { nComponents, signal }), relative });
}
