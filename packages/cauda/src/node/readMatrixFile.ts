import { readFile } from 'node:fs/promises';
import { checkOptions, describe, shaped } from '../check.ts';
import { type CsvOptions, readCsv } from '../io/csv.ts';
import { sizeOfShape } from '../io/elements.ts';
import { readIdx } from '../io/idx.ts';
import { readNpy } from '../io/npy.ts';
import { readNpz } from '../io/npz.ts';
import { Matrix } from '../matrix.ts';

export interface ReadMatrixOptions {
  /** For .npz: the array's name; needed where there is more than one. */
  array?: string;
  /** For .csv and .tsv: see `readCsv`; the delimiter of .tsv is a tab by default. */
  csv?: CsvOptions;
}

interface Tensor {
  data: ArrayLike<number>;
  shape: number[];
}

const rules = {
  array: shaped('the name of an array', (v) => typeof v === 'string'),
  csv: shaped('the options of readCsv', (v) => typeof v === 'object' && v !== null),
};

/**
 * Reads a matrix from a file, by its extension: .npy, .npz, .csv, .tsv, or .idx, .gz and names such as
 * "train-images-idx3-ubyte" for IDX, gzipped or not. The first dimension counts rows and the others are flattened;
 * an array of one dimension becomes one column. Float64 stays float64, everything else becomes float32 (csv: float64).
 * NaN is kept: estimators decide whether they take it.
 * @throws RangeError if the extension is unknown, the content malformed or the named array not there, with the
 *   path at its beginning; the system's own error if the file cannot be read
 */
export async function readMatrixFile(path: string, options: ReadMatrixOptions = {}): Promise<Matrix> {
  const { array, csv } = checkOptions<ReadMatrixOptions, object>('readMatrixFile', options, rules, {});
  const read = readerOf(path.toLowerCase(), array, csv);
  if (!read)
    throw new RangeError(`${path}: expected a file named .npy, .npz, .csv, .tsv, .idx, .gz or …-idx3-ubyte`);
  const bytes = await readFile(path);
  try {
    const content = await read(bytes);
    return content instanceof Matrix ? content : toMatrix(content);
  } catch (error) {
    if (error instanceof RangeError) throw new RangeError(`${path}: ${error.message}`);
    throw error;
  }
}

type Reader = (bytes: Uint8Array) => Matrix | Tensor | Promise<Tensor>;

/** The reader for a file, by the end of its path, in lower case and in any system's syntax. */
function readerOf(path: string, array?: string, csv?: CsvOptions): Reader | undefined {
  if (path.endsWith('.npy')) return readNpy;
  if (path.endsWith('.npz')) return async (bytes) => pick(await readNpz(bytes), array);
  if (path.endsWith('.csv')) return (bytes) => readCsv(bytes, csv).matrix;
  if (path.endsWith('.tsv')) return (bytes) => readCsv(bytes, { delimiter: '\t', ...csv }).matrix;
  if (/\.(idx|gz)$|idx\d+-[a-z]+$/.test(path)) return readIdx;
  return undefined;
}

function pick(arrays: Record<string, Tensor>, wanted?: string): Tensor {
  const names = Object.keys(arrays);
  const name = wanted ?? (names.length === 1 ? names[0]! : undefined);
  if (name === undefined || !Object.hasOwn(arrays, name))
    throw new RangeError(
      `npz: array must be one of ${names.map((n) => JSON.stringify(n)).join(', ') || '(none)'}; got ${describe(wanted)}`,
    );
  return arrays[name]!;
}

/** The first dimension counts rows and the others are flattened. */
function toMatrix({ data, shape }: Tensor): Matrix {
  const flat = [shape[0] ?? 1, sizeOfShape(shape.slice(1))] as const;
  return Matrix.from({ data: data as Float64Array, shape: flat }, { who: 'matrix', allowNaN: true });
}
