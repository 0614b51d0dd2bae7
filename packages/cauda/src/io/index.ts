export type { TypedArray } from '../matrix.ts';
export type { Reader, SavedArray } from '../serialize.ts';
export { type CsvOptions, type CsvTable, readCsv } from './csv.ts';
export { type IdxArray, readIdx, writeIdx } from './idx.ts';
export { loadModel } from './loadModel.ts';
export { type NpyArray, readNpy, writeNpy } from './npy.ts';
export { readNpz } from './npz.ts';
