import { readFileSync } from 'node:fs';
import { Matrix } from '../src/matrix.ts';

/** A matrix or tensor as the oracles write it; null stands for NaN. */
export interface Flat {
  shape: number[];
  data: (number | null)[];
}

/** One of the reference files in fixtures/oracles. */
// biome-ignore lint/suspicious/noExplicitAny: each file has its own shape, described in fixtures/oracles/README.md
export function oracle(name: string): any {
  return JSON.parse(readFileSync(new URL(`fixtures/oracles/${name}.json`, import.meta.url), 'utf8'));
}

/** One of the oracles' data sets, in either precision. */
export function dataset(name: string, dtype: 'float64' | 'float32' = 'float64'): { X: Matrix; y: number[] } {
  const { n, d, X, y } = oracle(`data/${name}`);
  return { X: new Matrix(dtype === 'float64' ? Float64Array.from(X) : Float32Array.from(X), n, d), y };
}

/** The oracle's matrix as ours. */
export function matrix({ shape, data }: Flat): Matrix {
  return new Matrix(
    Float64Array.from(data, (value) => value ?? NaN),
    shape[0]!,
    shape[1]!,
  );
}

/** The largest |a − b| / max(1, |b|) over all entries. */
export function worstError(a: ArrayLike<number>, b: ArrayLike<number | null>): number {
  if (a.length !== b.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const expected = b[i] ?? NaN;
    if (Number.isNaN(expected) && Number.isNaN(a[i])) continue;
    const error = Math.abs(a[i]! - expected) / Math.max(1, Math.abs(expected));
    if (!(error <= worst)) worst = Number.isNaN(error) ? Infinity : error;
  }
  return worst;
}
