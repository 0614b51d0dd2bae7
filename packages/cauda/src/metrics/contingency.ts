import { integersOf, type Labels } from '../labels.ts';
import { Matrix } from '../matrix.ts';

export type { Labels };

/**
 * How often each pair of labels occurs: the non-empty cells of the contingency table in row-major order. Rows are the
 * distinct true labels in increasing order, columns the distinct predicted ones.
 */
export interface Contingency {
  readonly n: number;
  /** The distinct labels of the rows and of the columns, increasing. */
  readonly rowLabels: readonly number[];
  readonly colLabels: readonly number[];
  /** Samples in each row and in each column. */
  readonly rowSums: Float64Array;
  readonly colSums: Float64Array;
  readonly cells: readonly { readonly row: number; readonly col: number; readonly count: number }[];
}

/**
 * The table of two labelings. It is sparse, so that as many clusters as samples cost no more than a few.
 * @param who the function the caller called; it begins every message
 */
export function contingency(who: string, labelsTrue: Labels, labelsPred: Labels): Contingency {
  const rowsOf = integersOf(`${who}: labelsTrue`, labelsTrue);
  const colsOf = integersOf(`${who}: labelsPred`, labelsPred);
  const n = rowsOf.length;
  if (n !== colsOf.length)
    throw new RangeError(`${who}: labelsTrue has ${n} labels but labelsPred has ${colsOf.length}`);
  if (n === 0) throw new RangeError(`${who}: expected at least one label; got none`);
  const rowLabels = increasing(new Set(rowsOf));
  const colLabels = increasing(new Set(colsOf));
  const rowOf = places(rowLabels);
  const colOf = places(colLabels);
  const width = colLabels.length;
  const counts = new Map<number, number>();
  for (let i = 0; i < n; i++) {
    const place = rowOf.get(rowsOf[i]!)! * width + colOf.get(colsOf[i]!)!;
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  const rowSums = new Float64Array(rowLabels.length);
  const colSums = new Float64Array(width);
  const cells = [...counts]
    .sort(([a], [b]) => a - b)
    .map(([place, count]) => ({ row: Math.floor(place / width), col: place % width, count }));
  for (const { row, col, count } of cells) {
    rowSums[row]! += count;
    colSums[col]! += count;
  }
  return { n, rowLabels, colLabels, rowSums, colSums, cells };
}

/**
 * How many samples have each pair of labels: rows are the distinct true labels in increasing order, columns the
 * distinct predicted ones (float64, nClasses × nClusters).
 * @throws RangeError if the labelings are empty, of different lengths or not integers
 */
export function contingencyMatrix(labelsTrue: Labels, labelsPred: Labels): Matrix {
  const { rowLabels, colLabels, cells } = contingency('contingencyMatrix', labelsTrue, labelsPred);
  const data = new Float64Array(rowLabels.length * colLabels.length);
  for (const { row, col, count } of cells) data[row * colLabels.length + col] = count;
  return new Matrix(data, rowLabels.length, colLabels.length);
}

/**
 * The contingency table with the same labels for rows and columns: all that occur in either, in increasing order, so
 * that what is on the diagonal was predicted right.
 * @throws RangeError if the labelings are empty, of different lengths or not integers
 */
export function confusionMatrix(labelsTrue: Labels, labelsPred: Labels): Matrix {
  const { rowLabels, colLabels, cells } = contingency('confusionMatrix', labelsTrue, labelsPred);
  const labels = increasing(new Set([...rowLabels, ...colLabels]));
  const placeOf = places(labels);
  const data = new Float64Array(labels.length ** 2);
  for (const { row, col, count } of cells)
    data[placeOf.get(rowLabels[row]!)! * labels.length + placeOf.get(colLabels[col]!)!] = count;
  return new Matrix(data, labels.length, labels.length);
}

/**
 * The share of samples whose class is the most frequent one of their cluster, in (0, 1]. It rises with the number of
 * clusters and is 1 when each sample is its own: compare it at equal numbers only.
 * @throws RangeError if the labelings are empty, of different lengths or not integers
 */
export function purityScore(labelsTrue: Labels, labelsPred: Labels): number {
  const { n, colSums, cells } = contingency('purityScore', labelsTrue, labelsPred);
  const most = new Float64Array(colSums.length);
  for (const { col, count } of cells) most[col] = Math.max(most[col]!, count);
  return most.reduce((sum, count) => sum + count, 0) / n;
}

/** The labels that occur, increasing. */
export function increasing(labels: Set<number>): number[] {
  return [...labels].sort((a, b) => a - b);
}

function places(labels: readonly number[]): Map<number, number> {
  return new Map(labels.map((label, place) => [label, place]));
}
