import { type FloatArray, like, type Matrix } from '../matrix.ts';
import type { MixtureParameters } from './covariance.ts';
import type { CovarianceType } from './options.ts';
import { distinct, isDense } from './shape.ts';

/** The rows that lack the same entries (NaN), and what they have. */
export interface Pattern {
  /** Columns that these rows have, ascending, and those that they lack. */
  readonly observed: Int32Array;
  readonly missing: Int32Array;
  /** Their indices, ascending. */
  readonly rows: Int32Array;
  /** Their observed entries, rows.length × observed.length. */
  readonly data: FloatArray;
}

/** The rows of X by pattern, in the order in which the patterns first appear. */
export function patternsOf(data: FloatArray, n: number, d: number): Pattern[] {
  const groups = new Map<string, number[]>();
  const bits = new Uint16Array(Math.ceil(d / 16));
  for (let i = 0; i < n; i++) {
    bits.fill(0);
    for (let j = 0; j < d; j++) if (Number.isNaN(data[i * d + j]!)) bits[j >> 4]! |= 1 << (j & 15);
    const key = String.fromCharCode(...bits);
    const rows = groups.get(key);
    if (rows) rows.push(i);
    else groups.set(key, [i]);
  }
  return Array.from(groups.values(), (group) => {
    const rows = Int32Array.from(group);
    const lacks = (j: number) => Number.isNaN(data[rows[0]! * d + j]!);
    const columns = Int32Array.from({ length: d }, (_, j) => j);
    const observed = columns.filter((j) => !lacks(j));
    const kept = like(data, rows.length * observed.length);
    let at = 0;
    for (const i of rows) for (const j of observed) kept[at++] = data[i * d + j]!;
    return { observed, missing: columns.filter(lacks), rows, data: kept };
  });
}

/** Whether any value is NaN. */
export function hasMissing({ data }: Matrix): boolean {
  for (let i = 0; i < data.length; i++) if (Number.isNaN(data[i]!)) return true;
  return false;
}

/** The mixture of the given columns. */
export function marginalOf(
  type: CovarianceType,
  { weights, means, covariances }: MixtureParameters,
  columns: Int32Array,
): MixtureParameters {
  const k = weights.length;
  const d = means.length / k;
  const m = columns.length;
  const chosen = Float64Array.from(
    { length: k * m },
    (_, i) => means[Math.floor(i / m) * d + columns[i % m]!]!,
  );
  if (type === 'spherical') return { weights, means: chosen, covariances };
  if (type === 'diag')
    return {
      weights,
      means: chosen,
      covariances: Float64Array.from(
        { length: k * m },
        (_, i) => covariances[Math.floor(i / m) * d + columns[i % m]!]!,
      ),
    };
  return {
    weights,
    means: chosen,
    covariances: Float64Array.from({ length: distinct(type, k) * m * m }, (_, i) => {
      const c = Math.floor(i / (m * m));
      return covariances[(c * d + columns[Math.floor(i / m) % m]!) * d + columns[i % m]!]!;
    }),
  };
}

/**
 * The regression of a Gaussian's missing coordinates on the observed ones (Bishop, PRML, 2006, eqs. 2.81 and 2.82):
 *   E[x_m | x_o] = μ_m + B (x_o − μ_o), B = Σ_mo Σ_oo⁻¹;  cov[x_m | x_o] = Σ_mm − B Σ_om.
 */
export interface Regression {
  /** V = L⁻¹ for Σ_oo = L Lᵀ, lower triangular, o × o. */
  readonly whitening: Float64Array;
  /** The diagonal of L, length o: ½ log det Σ_oo is the sum of its logs. */
  readonly diagonal: Float64Array;
  /** B, m × o. */
  readonly coefficients: Float64Array;
  /** Σ_mm − B Σ_om, m × m. */
  readonly covariance: Float64Array;
}

/**
 * The regression within the d × d covariance at `offset`.
 * @returns undefined if Σ_oo is not positive definite
 */
export function regression(
  covariances: Float64Array,
  offset: number,
  d: number,
  observed: Int32Array,
  missing: Int32Array,
): Regression | undefined {
  const o = observed.length;
  const m = missing.length;
  const at = (i: number, j: number) => covariances[offset + i * d + j]!;
  const L = new Float64Array(o * o);
  const diagonal = new Float64Array(o);
  for (let i = 0; i < o; i++)
    for (let j = 0; j <= i; j++) {
      let rest = at(observed[i]!, observed[j]!);
      for (let r = 0; r < j; r++) rest -= L[i * o + r]! * L[j * o + r]!;
      if (i === j && !(rest > 0 && rest < Infinity)) return undefined;
      L[i * o + j] = i === j ? (diagonal[i] = Math.sqrt(rest)) : rest / diagonal[j]!;
    }
  const V = new Float64Array(o * o);
  for (let j = 0; j < o; j++)
    for (let i = j; i < o; i++) {
      let rest = i === j ? 1 : 0;
      for (let r = j; r < i; r++) rest -= L[i * o + r]! * V[r * o + j]!;
      V[i * o + j] = rest / diagonal[i]!;
    }
  const W = new Float64Array(m * o); // Σ_mo Vᵀ
  const coefficients = new Float64Array(m * o); // W V
  const covariance = new Float64Array(m * m); // Σ_mm − W Wᵀ
  for (let a = 0; a < m; a++) {
    for (let i = 0; i < o; i++) {
      let sum = 0;
      for (let r = 0; r <= i; r++) sum += V[i * o + r]! * at(missing[a]!, observed[r]!);
      W[a * o + i] = sum;
      for (let j = 0; j <= i; j++) coefficients[a * o + j]! += sum * V[i * o + j]!;
    }
    for (let b = 0; b <= a; b++) {
      let rest = at(missing[a]!, missing[b]!);
      for (let i = 0; i < o; i++) rest -= W[a * o + i]! * W[b * o + i]!;
      covariance[a * m + b] = covariance[b * m + a] = rest;
    }
  }
  return { whitening: V, diagonal, coefficients, covariance };
}

/**
 * Each component given a row's observed entries: means and covariances of the missing ones, in the type's form. The
 * weights stay as they are.
 * @param refuse makes the error for a component whose covariance is not positive definite
 */
export function conditionalOf(
  type: CovarianceType,
  { weights, means, covariances }: MixtureParameters,
  { observed, missing }: Pick<Pattern, 'observed' | 'missing'>,
  refuse: (component: number) => Error,
): { covariances: Float64Array; meansGiven: (row: FloatArray) => Float64Array } {
  const k = weights.length;
  const d = means.length / k;
  const [o, m] = [observed.length, missing.length];
  const rest = marginalOf(type, { weights, means, covariances }, missing);
  if (!isDense(type)) return { covariances: rest.covariances, meansGiven: () => rest.means };
  const regressions = Array.from({ length: distinct(type, k) }, (_, c) => {
    const found = regression(covariances, c * d * d, d, observed, missing);
    if (!found) throw refuse(c);
    return found;
  });
  const conditional = new Float64Array(regressions.length * m * m);
  regressions.forEach(({ covariance }, c) => {
    conditional.set(covariance, c * m * m);
  });
  const meansGiven = (row: FloatArray): Float64Array => {
    const given = rest.means.slice();
    for (let c = 0; c < k; c++) {
      const { coefficients } = regressions[type === 'tied' ? 0 : c]!;
      for (let r = 0; r < o; r++) {
        const apart = row[r]! - means[c * d + observed[r]!]!;
        for (let a = 0; a < m; a++) given[c * m + a]! += coefficients[a * o + r]! * apart;
      }
    }
    return given;
  };
  return { covariances: conditional, meansGiven };
}
