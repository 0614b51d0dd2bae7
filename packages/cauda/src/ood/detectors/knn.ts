import { checkOptions, flag, integerIn } from '../../check.ts';
import { bytesOf, type Kernels, precisionOf, putPadded, roundUp } from '../../kernels/kernels.ts';
import { withKernels } from '../../kernels/module.ts';
import { resident } from '../../kernels/resident.ts';
import { type FloatArray, like, Matrix, type MatrixLike } from '../../matrix.ts';
import { Detector, type Kind, rowsOf } from './detector.ts';
import { norm } from './vectors.ts';

export interface KnnOptions {
  /** Which neighbour counts; an integer in [1, training rows]. Defaults to 1. */
  k?: number;
  /** Whether rows are divided by their Euclidean length first; a row of zeros stays. Defaults to false. */
  normalise?: boolean;
}

interface Bank {
  /** The training rows, normalised if asked. */
  readonly bank: Matrix;
  readonly k: number;
  readonly normalise: boolean;
}

export const knnKind: Kind<Bank> = {
  name: 'knn',
  score: (parts, input) => {
    const { bank, k, normalise } = parts;
    const given = rowsOf('knn.score', input, 'features', bank.cols);
    const features = normalise ? unitRows(given) : given;
    return kthDistances(bank, features, k);
  },
  read: (saved) => {
    const bank = saved.matrix('bank');
    return { bank, k: saved.number('k', 1, bank.rows, true), normalise: saved.flag('normalise') };
  },
};

/**
 * The Euclidean distance to the k-th nearest training row, exactly, in the precision of the training rows. The
 * detector keeps all of them. Sun, Ming, Zhu and Li: *Out-of-distribution detection with deep nearest neighbors*, ICML
 * 2022, where rows are normalised; Ramaswamy, Rastogi and Shim, SIGMOD 2000.
 */
export function knn(training: { readonly features: MatrixLike }, options: KnnOptions = {}): Detector {
  const features = rowsOf('knn', training, 'features');
  const rules = { k: integerIn(1, features.rows, 'the training rows'), normalise: flag };
  const { k, normalise } = checkOptions('knn', options, rules, { k: 1, normalise: false });
  return Detector.of(knnKind, { bank: normalise ? unitRows(features) : features, k, normalise });
}

function unitRows({ data, rows, cols }: Matrix): Matrix {
  const result = like(data, data.length);
  for (let i = 0; i < rows; i++) {
    const length = norm(data.subarray(i * cols, (i + 1) * cols)) || 1;
    for (let j = 0; j < cols; j++) result[i * cols + j] = data[i * cols + j]! / length;
  }
  return new Matrix(result, rows, cols);
}

/** Rows of the bank, and rows to score, that the kernel compares at a time: together they stay in the cache. */
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

/** Distances are sums of squared differences: 0 for equal rows, and none is lost to cancellation. */
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

/** Puts a value into its place among increasing ones; the largest drops out. */
function insert(sorted: Float64Array, value: number): void {
  let at = sorted.length - 1;
  for (; at > 0 && sorted[at - 1]! > value; at--) sorted[at] = sorted[at - 1]!;
  sorted[at] = value;
}
