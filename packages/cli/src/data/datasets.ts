import { join } from 'node:path';
import { readIdx } from 'cauda/io';
import { filesOf, fullSets, type KnownSet, type SetName, sampleSets, setNames } from './files.ts';
import { cacheDirectory, type Environment, fullDirectories, sampleDirectory } from './places.ts';
import { find, readVerified } from './stored.ts';

/** Gray images of 28 × 28 pixels, and what they show. */
export interface Split {
  /** Gray values from 0 to 255 (count × 784, row-major). */
  readonly images: Uint8Array;
  /** Classes from 0 to 9 (count). */
  readonly labels: Uint8Array;
  readonly count: number;
}

interface Dataset {
  readonly train: Split;
  readonly test: Split;
}

/** Both data sets, verified. */
export interface Datasets {
  /** The embedded sample, or the official files. */
  readonly source: 'sample' | 'full';
  /** The folder that holds mnist/ and fashion-mnist/. */
  readonly directory: string;
  readonly mnist: Dataset;
  readonly fashionMnist: Dataset;
  /** SHA-256 of each uncompressed file, by its path such as "mnist/train-images-idx3-ubyte". */
  readonly digests: Readonly<Record<string, string>>;
}

/**
 * Loads MNIST and Fashion-MNIST and checks every file against its stored SHA-256.
 * @param choice "sample": the embedded sample. "full": the official files, in CAUDA_DATA or else the user's cache.
 *   Anything else: the folder that holds the official files, in mnist/ and fashion-mnist/. Defaults to the full sets
 *   if they are found, else to the sample.
 * @throws Error with one sentence if a file is missing, damaged or not the expected one
 */
export async function loadDatasets(choice?: string, env: Environment = process.env): Promise<Datasets> {
  const found = findFull(env);
  if (choice === 'sample' || (choice === undefined && !found))
    return load('sample', sampleDirectory, sampleSets);
  if (choice !== undefined && choice !== 'full') return load('full', choice, fullSets);
  return load('full', found ?? cacheDirectory(env), fullSets);
}

/** The first of the usual folders that has every official file. The files are not verified. */
export function findFull(env: Environment = process.env): string | undefined {
  return fullDirectories(env).find((directory) =>
    setNames.every((set) =>
      filesOf(fullSets[set]).every((file) => find(join(directory, set), file) !== undefined),
    ),
  );
}

async function load(
  source: 'sample' | 'full',
  directory: string,
  sets: Record<SetName, KnownSet>,
): Promise<Datasets> {
  const mnist = await loadSet(join(directory, 'mnist'), sets.mnist);
  const fashionMnist = await loadSet(join(directory, 'fashion-mnist'), sets['fashion-mnist']);
  const digests = setNames.flatMap((set) =>
    filesOf(sets[set]).map(({ name, sha256 }) => [`${set}/${name}`, sha256] as const),
  );
  return { source, directory, mnist, fashionMnist, digests: Object.fromEntries(digests) };
}

async function loadSet(folder: string, { train, test }: KnownSet): Promise<Dataset> {
  return { train: await loadSplit(folder, train), test: await loadSplit(folder, test) };
}

async function loadSplit(folder: string, { images, labels }: KnownSet['train']): Promise<Split> {
  const pixels = await loadFile(folder, images);
  const classes = await loadFile(folder, labels);
  return { images: pixels, labels: classes, count: classes.length };
}

async function loadFile(folder: string, file: KnownSet['train']['images']): Promise<Uint8Array> {
  const path = find(folder, file);
  if (path === undefined)
    throw new Error(
      `data: expected ${file.name} or ${file.name}.gz in ${folder}; got neither; "cauda data fetch all" downloads the full sets, --data sample takes the embedded ones`,
    );
  return (await readIdx(await readVerified(path, file))).data as Uint8Array;
}
