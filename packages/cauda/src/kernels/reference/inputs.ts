import type { FloatArray } from '../../matrix.ts';
import type { Random } from '../../random.ts';
import { type Precision, roundUp } from '../kernels.ts';

/** What the tests of the kernels feed them. */
export function normals(random: Random, length: number, precision: Precision): FloatArray {
  const values = precision === 'F64' ? new Float64Array(length) : new Float32Array(length);
  return values.map(() => random.normal());
}

/** Row i of rows of d values. */
export function row(data: FloatArray, i: number, d: number): FloatArray {
  return data.subarray(i * d, (i + 1) * d);
}

/** A triangular d × d matrix in tiles of four rows, padded with zeros to the stride, as `mahalanobis` reads it. */
export function tiles(M: FloatArray, d: number): number[] {
  const stride = roundUp(d, 4);
  const packed: number[] = [];
  for (let first = 0; first < stride; first += 4)
    for (let i = 0; i < first + 4; i++)
      for (let r = first; r < first + 4; r++) packed.push(r < d && i <= r ? M[r * d + i]! : 0);
  return packed;
}
