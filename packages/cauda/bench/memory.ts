/**
 * A fresh process that fits a float32 matrix and says what memory that took: `memory.ts X.npy rows cols memory`, with the
 * matrix read first, or `… source`, with its rows left in the file.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { kmeans, Matrix } from '../src/index.ts';
import { npySource } from '../src/node/index.ts';

/** The most memory so far, in KiB. Linux alone tells; `resourceUsage().maxRSS` would begin with the parent's. */
const peak = (): number => Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]);

function readMatrix(path: string, rows: number, cols: number): Matrix {
  const data = new Float32Array(rows * cols);
  const file = openSync(path, 'r');
  // the values are the end of the file: read straight to where they stay, so that the peak is the fit's
  let at = fstatSync(file).size - data.byteLength;
  for (let done = 0; done < data.byteLength; ) {
    const read = readSync(file, new Uint8Array(data.buffer, done), { position: at });
    at += read;
    done += read;
  }
  closeSync(file);
  return new Matrix(data, rows, cols);
}

const [path, rows, cols, where] = process.argv.slice(2);
const X = where === 'source' ? await npySource(path!) : readMatrix(path!, Number(rows), Number(cols));
const before = peak();
await kmeans(X, { nClusters: 10, init: 'random', maxIter: 20 });
console.log(JSON.stringify({ before, after: peak() }));
