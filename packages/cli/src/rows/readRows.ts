import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Matrix } from 'cauda';
import { readNpz } from 'cauda/io';
import { readMatrixFile } from 'cauda/node';
import type { GuardInput } from 'cauda/ood';
import { within } from './within.ts';

/** Some rows as a file has them: a network's activations, or what else a guard reads. */
export interface Rows {
  /** Where the rows were read. */
  readonly path: string;
  readonly count: number;
  /** The arrays of the file, of layer0, layer1, …, logits, features and inputs. */
  readonly arrays: ReadonlyMap<string, Matrix>;
  /** The class of each row, or undefined if the file has no labels. */
  readonly labels: readonly number[] | undefined;
}

/** The help on rows, for every command that reads them. */
export const rowsHelp = `
ROWS are arrays with the same number of rows: layer0, layer1, … (activations), logits, and labels where needed, in
  an .npz archive that holds them under these names:  np.savez('rows.npz', layer0=…, layer1=…, logits=…, labels=…)
  or a folder of files so named:                      rows/layer0.npy  rows/layer1.csv  rows/logits.npy  …
  or one such file:                                   logits.npy
Guards that were made with the library may also read features and inputs. Other arrays are ignored.`;

const known = /^(layer\d+|logits|features|inputs|labels)$/;
const arrayFile = /^(.+)\.(npy|csv|tsv)$/i;

/**
 * Reads an archive, a folder or a single array, as `rowsHelp` says.
 * @throws Error that names path and array if there is nothing to read, if arrays differ in their number of rows, or if
 *   values are not finite
 */
export async function readRows(path: string): Promise<Rows> {
  const found = await readArrays(path);
  const arrays = new Map([...found].filter(([name]) => known.test(name)));
  const [first] = arrays;
  const labels = arrays.get('labels');
  if (!first || (labels && arrays.size === 1))
    throw new Error(
      `${path}: expected arrays named layer0, layer1, … and logits; got ${[...found.keys()].join(', ') || 'none'}`,
    );
  for (const [name, { rows }] of arrays)
    if (rows !== first[1].rows)
      throw new Error(`${path}: ${name} has ${rows} rows but ${first[0]} has ${first[1].rows}`);
  if (labels && labels.cols !== 1)
    throw new Error(`${path}: labels must be one number a row; got ${labels.cols} columns`);
  arrays.delete('labels');
  const rows = { path, count: first[1].rows, arrays, labels: labels && Array.from(labels.data) };
  layersOf(rows); // refuses layers with a gap
  return rows;
}

/** The rows in the form that detectors and guards take. */
export function inputOf(rows: Rows): GuardInput {
  const layers = layersOf(rows);
  const others = [...rows.arrays].filter(([name]) => !name.startsWith('layer'));
  return { ...(layers.length > 0 && { layers }), ...Object.fromEntries(others) };
}

/** The rows with the given indices, in that order. */
export function takeRows(rows: Rows, indices: ArrayLike<number>): Rows {
  return {
    path: rows.path,
    count: indices.length,
    arrays: new Map([...rows.arrays].map(([name, matrix]) => [name, matrix.take(indices)])),
    labels: rows.labels && Array.from(indices, (index) => rows.labels![index]!),
  };
}

/** The matrices layer0, layer1, …, in this order. */
export function layersOf({ path, arrays }: Rows): Matrix[] {
  const count = [...arrays.keys()].filter((name) => name.startsWith('layer')).length;
  return Array.from({ length: count }, (_, l) => {
    const layer = arrays.get(`layer${l}`);
    if (!layer) throw new Error(`${path}: layer${l} is missing; layers are layer0, layer1, … without a gap`);
    return layer;
  });
}

async function readArrays(path: string): Promise<Map<string, Matrix>> {
  if (/\.npz$/i.test(path)) return within(path, async () => readArchive(await readFile(path)));
  const folder = (await stat(path)).isDirectory();
  const files = folder ? (await readdir(path)).sort().map((name) => join(path, name)) : [path];
  const arrays = new Map<string, Matrix>();
  for (const file of files) {
    const name = arrayFile.exec(basename(file))?.[1];
    if (name === undefined && !folder)
      throw new Error(`${path}: expected an .npz archive, a folder, or a file named .npy, .csv or .tsv`);
    if (name === undefined || (folder && !known.test(name))) continue;
    if (arrays.has(name)) throw new Error(`${path}: two files hold ${name}`);
    const values = await readMatrixFile(file);
    arrays.set(name, await within(file, () => Matrix.from(values, { who: name })));
  }
  return arrays;
}

async function readArchive(bytes: Uint8Array): Promise<Map<string, Matrix>> {
  const arrays = new Map<string, Matrix>();
  for (const [name, { data, shape }] of Object.entries(await readNpz(bytes))) {
    const [rows = 1] = shape; // one row a first index, whatever follows it
    arrays.set(name, Matrix.from({ data, shape: [rows, rows && data.length / rows] }, { who: name }));
  }
  return arrays;
}
