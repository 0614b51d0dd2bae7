import { describe } from '../../check.ts';
import { copyRow, timesTransposed } from '../../decompose/product.ts';
import { Matrix, type MatrixLike } from '../../matrix.ts';
import { numbersOf } from '../../numbers.ts';
import type { SavedReader } from '../../serialize.ts';

/** The classifier's last layer: logits = features · weights + bias. */
export interface Head {
  /**
   * nFeatures × nClasses, as the layers of `mlpClassifier` have it (`net.layers.at(-1)`), or nClasses × nFeatures, as
   * torch's `nn.Linear` has it. The bias tells which; if both numbers are equal, it is taken as nFeatures × nClasses.
   */
  readonly weights: MatrixLike;
  /** Length nClasses, at least 2. */
  readonly bias: ArrayLike<number>;
}

/** What detectors keep of a head, in float64. */
export interface HeadParts {
  /** nClasses × nFeatures. */
  readonly weights: Matrix;
  readonly bias: Float64Array;
}

/**
 * @param nFeatures the number of features it must read; any if undefined
 * @throws TypeError if the head is missing, RangeError if it does not fit
 */
export function checkHead(who: string, head: Head | undefined, nFeatures?: number): HeadParts {
  if (typeof head !== 'object' || head === null || head.weights === undefined || head.bias === undefined)
    throw new TypeError(
      `${who}: head is missing: { weights, bias } of the classifier's last layer; got ${describe(head)}`,
    );
  const { data, rows, cols } = Matrix.from(head.weights, { who: `${who}: head.weights` });
  const bias = numbersOf(head.bias, (c) => `${who}: head.bias[${c}]`);
  const k = bias.length;
  if (k < 2 || !bias.every(Number.isFinite))
    throw new RangeError(
      `${who}: head.bias must have a finite number for each of at least 2 classes; got ${describe(head.bias)}`,
    );
  if (cols === k && rows === (nFeatures ?? rows))
    return { weights: new Matrix(transposed(data, rows, cols), k, rows), bias };
  if (rows === k && cols === (nFeatures ?? cols))
    return { weights: new Matrix(Float64Array.from(data), k, cols), bias };
  throw new RangeError(
    `${who}: head.weights must be nFeatures × nClasses = ${nFeatures ?? 'any'} × ${k} or the transpose; got ${rows} × ${cols}`,
  );
}

function transposed(data: ArrayLike<number>, rows: number, cols: number): Float64Array {
  const result = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) result[j * rows + i] = data[i * cols + j]!;
  return result;
}

/** Reads the head that `Detector.toJSON` saved. */
export function readHead(saved: SavedReader, nFeatures?: number): HeadParts {
  const weights = saved.matrix('weights', undefined, nFeatures);
  return { weights, bias: saved.numbers('bias', weights.rows) };
}

/**
 * Applies the head to features.
 * @returns logits in float64 (nSamples × nClasses)
 */
export function logitsOf({ weights, bias }: HeadParts, features: Matrix): Matrix {
  const { rows: k, cols: d } = weights;
  const logits = timesTransposed(features, copyRow(features), weights.data as Float64Array, k, d);
  for (let i = 0; i < logits.length; i++) logits[i]! += bias[i % k]!;
  return new Matrix(logits, features.rows, k);
}
