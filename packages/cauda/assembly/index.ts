// The kernel module: pointers and loops, no policy, no allocation. What is exported here is what `Kernels.run` has.
export { exp, log, expF64, logF64 } from './elementary';
export { dotsF32, dotsF64, panelDotsF32, panelDotsF64 } from './dots';
export { distancesF32, distancesF64, ownDistancesF32, ownDistancesF64, manhattanF32, manhattanF64, addRowF32, addRowF64, columnMomentsF32, columnMomentsF64 } from './lloyd';
export { entriesF32, entriesF64, expandRowF32, expandRowF64, sparseDotsF32, sparseDotsF64, sparseSquaresF32, sparseSquaresF64, entryMomentsF32, entryMomentsF64, packEntries, packedDots } from './sparse';
export { moveEntriesF32, moveEntriesF64, moveRowsF32, moveRowsF64 } from './moves';
export { changedRowsF32, changedRowsF64 } from './narrow';
export { nearestF32, nearestF64, openRows, slacks } from './bounds';
export { accumulateF32, adamF32, batchEntriesF32, columnSumsF32, compressF32, crossEntropyF32, productF32, reluBackF32, reluF32, repeatRowF32, sgdF32, shiftEntriesF32, shiftRowsF32, softmaxF32, takeRowsF32 } from './dense';
export { cholesky, diagMomentsF32, diagMomentsF64, firstMomentsF32, firstMomentsF64, gramAwayF64, gramF32, gramF64, invertLower, mahalanobisDiagF32, mahalanobisDiagF64, mahalanobisF32, mahalanobisF64, mahalanobisRowF32, mahalanobisRowF64, mahalanobisTiedF32, mahalanobisTiedF64, offsetsF32, offsetsF64, responsibilities, selectRows, weightedRowsF32, weightedRowsF64, weightedRowsWide } from './gaussian';
export { addUpper, driftNorm, groupRows, keepBounds, keepDistances, labelledLogs, largest, openPairs, settleRows, shiftUpper, takeF64 } from './pairs';

/** Where free memory begins: the compiler's tables lie below it. */
export function heapBase(): usize {
  return __heap_base;
}
