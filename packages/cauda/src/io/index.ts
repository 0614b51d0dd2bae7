export { type CsvOptions, type CsvTable, readCsv } from './csv.ts';
export type { TypedArray } from './elements.ts';
export { type IdxArray, readIdx, writeIdx } from './idx.ts';
export { type NpyArray, readNpy, writeNpy } from './npy.ts';
export { readNpz } from './npz.ts';
