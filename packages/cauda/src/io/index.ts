export { type IdxArray, readIdx, writeIdx } from './idx.ts';
