/** A fresh process that reads a matrix, fits it and says what memory that took: `memory.ts X.npy`. See main.ts. */
import { readFileSync } from 'node:fs';
import { kmeans, Matrix } from '../src/index.ts';
import { readNpy } from '../src/io/index.ts';

const { data, shape } = readNpy(readFileSync(process.argv[2]!));
const X = new Matrix(data as Float32Array, shape[0]!, shape[1]!);
const before = process.resourceUsage().maxRSS;
await kmeans(X, { nClusters: 10, init: 'random', maxIter: 20 });
console.log(JSON.stringify({ before, after: process.resourceUsage().maxRSS }));
