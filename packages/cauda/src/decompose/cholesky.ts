import { type Kernels, roundUp } from '../kernels/kernels.ts';
import { withKernels } from '../kernels/module.ts';

/**
 * Writes L of the d × d matrix at `offset`, A = L Lᵀ, to the kernels' memory at `a`, in rows of whole vectors.
 * @returns whether the matrix is positive definite; if not, what is at `a` means nothing
 */
export function putCholesky(
  kernels: Kernels,
  a: number,
  matrices: Float64Array,
  offset: number,
  d: number,
): boolean {
  const stride = roundUp(d, 4);
  const view = kernels.f64(a, d * stride);
  for (let i = 0; i < d; i++) view.set(matrices.subarray(offset + i * d, offset + (i + 1) * d), i * stride);
  return kernels.run.cholesky(a, d, stride) < 0;
}

/**
 * The Cholesky factors of d × d matrices that lie one after another.
 * @param refuse makes the error for a matrix that is not positive definite
 * @returns lower triangles, d × d each with zeros above
 */
export function choleskyFactors(
  matrices: Float64Array,
  d: number,
  refuse: (index: number) => Error,
): Float64Array {
  const stride = roundUp(d, 4);
  const factors = new Float64Array(matrices.length);
  withKernels((kernels) => {
    const a = kernels.alloc(d * stride * 8);
    for (let c = 0; c * d * d < matrices.length; c++) {
      if (!putCholesky(kernels, a, matrices, c * d * d, d)) throw refuse(c);
      const lower = kernels.f64(a, d * stride);
      for (let i = 0; i < d; i++)
        factors.set(lower.subarray(i * stride, i * stride + i + 1), (c * d + i) * d);
    }
  });
  return factors;
}

/**
 * The inverses of d × d matrices that lie one after another, by their Cholesky factors: (L Lᵀ)⁻¹ = VᵀV with V = L⁻¹.
 * @param refuse makes the error for a matrix that is not positive definite
 */
export function inverses(matrices: Float64Array, d: number, refuse: (index: number) => Error): Float64Array {
  const stride = roundUp(d, 4);
  const result = new Float64Array(matrices.length);
  withKernels((kernels) => {
    const a = kernels.alloc(d * stride * 8);
    const inverse = kernels.alloc(d * stride * 8);
    for (let c = 0; c * d * d < matrices.length; c++) {
      if (!putCholesky(kernels, a, matrices, c * d * d, d)) throw refuse(c);
      kernels.run.invertLower(a, d, stride, inverse);
      const v = kernels.f64(inverse, d * stride);
      for (let i = 0; i < d; i++)
        for (let j = 0; j <= i; j++) {
          let sum = 0;
          for (let r = i; r < d; r++) sum += v[r * stride + i]! * v[r * stride + j]!;
          result[(c * d + i) * d + j] = result[(c * d + j) * d + i] = sum;
        }
    }
  });
  return result;
}
