import { Breather } from '../../breather.ts';
import { checkOptions, controlRules, flag, integerIn } from '../../check.ts';
import { bytesOf, type Kernels, precisionOf, putPadded, roundUp } from '../../kernels/kernels.ts';
import { withKernels } from '../../kernels/module.ts';
import { resident } from '../../kernels/resident.ts';
import { type FloatArray, like, Matrix } from '../../matrix.ts';
import type { FitControl } from '../../parallel/session.ts';
import { norm } from '../../vectors.ts';
import { type Detector, type DetectorKind, detectorOf } from './base/detector.ts';
import { rowsOf } from './base/input.ts';
import type { FeatureTraining } from './training.ts';

export interface KnnOptions extends FitControl {
  /** Which neighbor counts; an integer in [1, training rows]. Defaults to 1. */
  k?: number;
  /** Whether rows are divided by their Euclidean length first; a row of zeros stays. Defaults to false. */
  normalize?: boolean;
}

interface Bank {
  /** The training rows, normalized if asked. */
  readonly bank: Matrix;
  readonly k: number;
  readonly normalize: boolean;
}

export const knnKind: DetectorKind<Bank> = {
  name: 'knn',
  score: (parts, input) => {
    const { bank, k, normalize } = parts;
    const given = rowsOf('knn.score', input, 'features', bank.cols);
    const features = normalize ? unitOrZeroRows(given) : given;
    return kthDistances(bank, features, k);
  },
  read: (saved) => {
    const bank = saved.matrix('bank');
    return { bank, k: saved.number('k', 1, bank.rows, true), normalize: saved.flag('normalize') };
  },
};

/**
 * The Euclidean distance to the k-th nearest training row, exactly, in the precision of the training rows. The
 * detector keeps all of them. Sun, Ming, Zhu and Li: *Out-of-distribution detection with deep nearest neighbors*, ICML
 * 2022, where rows are normalized; Ramaswamy, Rastogi and Shim, SIGMOD 2000.
 * @throws TypeError or RangeError for rows or options that make no sense; the signal's reason when aborted
 */
export async function knn(training: FeatureTraining, options: KnnOptions = {}): Promise<Detector> {
  const features = rowsOf('knn', training, 'features');
  const rules = { ...controlRules, k: integerIn(1, features.rows, 'the training rows'), normalize: flag };
  const { k, normalize, signal } = checkOptions('knn', options, rules, { k: 1, normalize: false });
  const breather = new Breather(signal);
  await breather.breathe();
  if (!normalize) return detectorOf(knnKind, { bank: features, k, normalize });
  const bank = like(features.data, features.data.length);
  for (let i = 0; i < features.rows; i++) {
    putUnitRow(features, i, bank);
    if (i % 1024 === 0) await breather.breathe();
  }
  return detectorOf(knnKind, { bank: new Matrix(bank, features.rows, features.cols), k, normalize });
}

/** The rows divided by their lengths; rows of zeros stay. */
function unitOrZeroRows(X: Matrix): Matrix {
  const result = like(X.data, X.data.length);
  for (let i = 0; i < X.rows; i++) putUnitRow(X, i, result);
  return new Matrix(result, X.rows, X.cols);
}

function putUnitRow({ data, cols }: Matrix, i: number, out: FloatArray): void {
  const length = norm(data.subarray(i * cols, (i + 1) * cols)) || 1;
  for (let j = 0; j < cols; j++) out[i * cols + j] = data[i * cols + j]! / length;
}

/**
 * How many rows of the bank, and how many rows to score, the kernel compares at a time: together they stay in the
 * cache.
 */
const BANK_BLOCK = 256;
const BLOCK = 64;

/** A bank of at most this many bytes stays in the kernels' memory from call to call. */
const MOST_BYTES = 2 ** 26;

/** A bank in the kernels' memory, with room for a block of rows and its distances. */
interface StoredBank {
  readonly kernels: Kernels;
  readonly stride: number;
  readonly stored: number;
  readonly x: number;
  readonly out: number;
}

function store(kernels: Kernels, { data, rows, cols }: Matrix): StoredBank {
  const precision = precisionOf(data);
  const stride = roundUp(cols, precision === 'F64' ? 2 : 4);
  return {
    kernels,
    stride,
    stored: putPadded(kernels, data, rows, cols, stride),
    x: kernels.zeros(BLOCK * stride * bytesOf(precision)),
    out: kernels.alloc(BLOCK * BANK_BLOCK * 8),
  };
}

function kthDistances(bank: Matrix, features: Matrix, k: number): Float64Array {
  if (bank.data.byteLength > MOST_BYTES)
    return withKernels((kernels) => compare(bank, store(kernels, bank), features, k));
  return compare(
    bank,
    resident(bank, 'bank', (kernels) => store(kernels, bank)),
    features,
    k,
  );
}

/** Sums squared differences, so that equal rows have distance 0 and no digits cancel. */
function compare(
  bank: Matrix,
  { kernels, stride, stored, x, out }: StoredBank,
  { data, rows, cols }: Matrix,
  k: number,
): Float64Array {
  const precision = precisionOf(bank.data);
  const scores = new Float64Array(rows);
  const block = kernels.floats(precision, x, BLOCK * stride);
  const squares = kernels.f64(out, BLOCK * BANK_BLOCK);
  const distances = kernels.run[`distances${precision}`];
  for (let first = 0; first < rows; first += BLOCK) {
    const n = Math.min(BLOCK, rows - first);
    for (let i = 0; i < n; i++) copyRow(data, (first + i) * cols, cols, block, i * stride);
    const nearest = Array.from({ length: n }, () => new Float64Array(k).fill(Infinity));
    for (let from = 0; from < bank.rows; from += BANK_BLOCK) {
      const count = Math.min(BANK_BLOCK, bank.rows - from);
      distances(x, n, stride, stride, 0, stored + from * stride * bytesOf(precision), count, out);
      for (let i = 0; i < n; i++)
        for (let j = i * count; j < (i + 1) * count; j++)
          if (squares[j]! < nearest[i]![k - 1]!) insert(nearest[i]!, squares[j]!);
    }
    for (let i = 0; i < n; i++) scores[first + i] = Math.sqrt(nearest[i]![k - 1]!);
  }
  return scores;
}

function copyRow(data: FloatArray, at: number, length: number, out: FloatArray, to: number): void {
  for (let j = 0; j < length; j++) out[to + j] = data[at + j]!;
}

/** Puts a value into its place among increasing ones, of which the largest drops out. */
function insert(sorted: Float64Array, value: number): void {
  let at = sorted.length - 1;
  for (; at > 0 && sorted[at - 1]! > value; at--) sorted[at] = sorted[at - 1]!;
  sorted[at] = value;
}
