import { bytesOf, Kernels, type Precision } from '../kernels/kernels.ts';
import { kernelModule } from '../kernels/module.ts';
import { BLOCK, Density, type DensityParameters, type MixtureShape } from './density.ts';

/** A mixture that stays in the kernels' memory, with room for a block of rows. */
export interface Resident {
  readonly kernels: Kernels;
  readonly density: Density;
  /** Pointer to BLOCK rows of `density.stride` elements, the lanes beyond the features being zero. */
  readonly x: number;
}

/** When mixtures take more than this, all are dropped, and those still used come back. */
const MOST_BYTES = 64 * 2 ** 20;

let kernels: Kernels | undefined;
let residents = new WeakMap<object, Map<Precision, Resident>>();

/**
 * The owner's mixture in the calling thread, put there on first use: a model that scores one row after another pays for
 * its parameters once.
 */
export function resident(owner: object, shape: MixtureShape, parameters: DensityParameters): Resident {
  const known = residents.get(owner)?.get(shape.precision);
  if (known) return known;
  if (!kernels || kernels.mark() > MOST_BYTES) {
    kernels = new Kernels(kernelModule());
    residents = new WeakMap();
  }
  const density = new Density(kernels, shape);
  const x = kernels.zeros(BLOCK * density.stride * bytesOf(shape.precision));
  density.set(parameters);
  const fresh = { kernels, density, x };
  const ours = residents.get(owner) ?? new Map<Precision, Resident>();
  residents.set(owner, ours.set(shape.precision, fresh));
  return fresh;
}
