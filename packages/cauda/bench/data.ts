import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Matrix, standardScaler } from '../src/index.ts';
import { readIdx } from '../src/io/index.ts';

/** MNIST's training set as the benchmarks use it. */
export interface BenchData {
  readonly source: string;
  /** Pixels in [0, 1], float32. */
  readonly pixels: Matrix;
  /** Standardized pixels, float32. */
  readonly standardized: Matrix;
  readonly labels: Uint8Array;
  /** Mean of each digit's standardized pixels. */
  readonly classMeans: Matrix;
}

const places: [source: string, directory: URL | string | undefined][] = [
  ['CAUDA_DATA', process.env.CAUDA_DATA && join(process.env.CAUDA_DATA, 'mnist')],
  ['the embedded sample', new URL('../../../sample/mnist/', import.meta.url)],
];

/** The folder of MNIST's files, and its name in the output. */
function findMnist(): readonly [source: string, directory: string] {
  const paths = places.map(([source, at]) => [source, at instanceof URL ? fileURLToPath(at) : at] as const);
  return paths.find(([, path]) => path && existsSync(join(path, 'train-images-idx3-ubyte.gz'))) as [
    string,
    string,
  ];
}

/** The folder of MNIST's files: the full set where it is found, else the sample. Fashion-MNIST's lies beside it. */
export function dataDirectory(): string {
  return findMnist()[1];
}

/** The full training set where it is found, else the sample, and the source says which. */
export async function loadBenchData(): Promise<BenchData> {
  const [source, directory] = findMnist();
  const read = async (name: string): Promise<Uint8Array> =>
    (await readIdx(readFileSync(join(directory, name)))).data as Uint8Array;
  const images = await read('train-images-idx3-ubyte.gz');
  const labels = await read('train-labels-idx1-ubyte.gz');
  const pixels = new Matrix(
    Float32Array.from(images, (v) => v / 255),
    labels.length,
    784,
  );
  const standardized = (await standardScaler(pixels)).transform(pixels);
  return { source, pixels, standardized, labels, classMeans: classMeans(standardized, labels) };
}

function classMeans(X: Matrix, labels: Uint8Array): Matrix {
  const sums = new Float64Array(10 * X.cols);
  const counts = new Float64Array(10);
  labels.forEach((label, i) => {
    counts[label]!++;
    X.row(i).forEach((value, j) => {
      sums[label * X.cols + j]! += value;
    });
  });
  return new Matrix(
    Float32Array.from(sums, (sum, i) => sum / counts[Math.floor(i / X.cols)]!),
    10,
    X.cols,
  );
}
