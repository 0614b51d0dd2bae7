// The kernel module: pointers and loops, no policy, no allocation. What is exported here is what `Kernels.run` has.
export { exp, log, expF64, logF64 } from './elementary';
export { dotsF32, dotsF64, nearestF32, nearestF64, squaredDistancesF32, squaredDistancesF64, addRowF32, addRowF64 } from './lloyd';
