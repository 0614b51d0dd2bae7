// The kernel module: pointers and loops, no policy, no allocation. `Kernels.run` has what is exported here.
export { exp, log, expF64, logF64 } from './elementary';
export { addRowF32, addRowF64, columnMomentsF32, columnMomentsF64 } from './columns';
export { dotsF32, dotsF64, panelDotsF32, panelDotsF64 } from './dotProducts';
export { addUpper, cholesky, driftNorm, invertLower, shiftUpper } from './triangles';
export { nearestF32, nearestF64, openRows, slacks } from './cluster/bounds';
export { moveEntriesF32, moveEntriesF64, moveRowsF32, moveRowsF64 } from './cluster/clusterSums';
export {
  distancesF32, distancesF64, manhattanF32, manhattanF64, ownDistancesF32, ownDistancesF64,
} from './cluster/distances';
export { changedRowsF32, changedRowsF64 } from './cluster/fewFeatures';
export { packEntries, packedDots } from './cluster/packed';
export {
  entriesF32, entriesF64, entryMomentsF32, entryMomentsF64, expandRowF32, expandRowF64, sparseDotsF32,
  sparseDotsF64, sparseSquaresF32, sparseSquaresF64,
} from './cluster/sparse';
export {
  mahalanobisDiagF32, mahalanobisDiagF64, mahalanobisTiedF32, mahalanobisTiedF64, offsetsF32, offsetsF64,
} from './mixture/diagAndTied';
export { groupRows, labeledLogs, largest } from './mixture/labels';
export { mahalanobisF32, mahalanobisF64, mahalanobisRowF32, mahalanobisRowF64 } from './mixture/mahalanobis';
export {
  diagMomentsF32, diagMomentsF64, firstMomentsF32, firstMomentsF64, gramF32, gramF64, gramAwayF64,
  weightedRowsF32, weightedRowsF64, weightedRowsWide,
} from './mixture/moments';
export { keepBounds, keepDistances, openPairs } from './mixture/pruning';
export { responsibilities, selectRows } from './mixture/responsibilities';
export { settleRows, takeF64 } from './mixture/settled';
export {
  accumulateF32, batchEntriesF32, compressF32, shiftEntriesF32, shiftRowsF32, takeRowsF32,
} from './nn/batches';
export {
  columnSumsF32, crossEntropyF32, productF32, reluBackF32, reluF32, repeatRowF32, softmaxF32,
} from './nn/layers';
export { adamF32, sgdF32 } from './nn/optimizers';

/** Where free memory begins: the compiler's tables lie below it. */
export function heapBase(): usize {
  return __heap_base;
}
