/** A fresh process that reads a float32 matrix, fits it and says what memory that took: `memory.ts X.npy rows cols`. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { kmeans, Matrix } from '../src/index.ts';

/** The most memory so far, in KiB. Linux alone tells; `resourceUsage().maxRSS` would begin with the parent's. */
const peak = (): number => Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]);

const [path, rows, cols] = process.argv.slice(2);
const data = new Float32Array(Number(rows) * Number(cols));
const file = openSync(path!, 'r');
// the values are the end of the file: read straight to where they stay, so that the peak is the fit's
let at = fstatSync(file).size - data.byteLength;
for (let done = 0; done < data.byteLength; ) {
  const read = readSync(file, new Uint8Array(data.buffer, done), { position: at });
  at += read;
  done += read;
}
closeSync(file);
const before = peak();
await kmeans(new Matrix(data, Number(rows), Number(cols)), { nClusters: 10, init: 'random', maxIter: 20 });
console.log(JSON.stringify({ before, after: peak() }));
