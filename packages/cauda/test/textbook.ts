/** EM for Gaussian mixtures as docs/derivations/em.md writes it: no kernels, no shards, no tricks. */

export type Matrix2 = number[][];
export type CovarianceType = 'full' | 'tied' | 'diag' | 'spherical';
export const covarianceTypes: readonly CovarianceType[] = ['full', 'tied', 'diag', 'spherical'];

/** Whatever the type, one whole covariance for each component. */
export interface Mixture {
  readonly weights: readonly number[];
  readonly means: readonly (readonly number[])[];
  readonly covariances: readonly Matrix2[];
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** A matrix from its size and a function of row and column. */
export function tabulate(rows: number, cols: number, at: (i: number, j: number) => number): Matrix2 {
  return Array.from({ length: rows }, (_, i) => Array.from({ length: cols }, (_, j) => at(i, j)));
}

/** The lower triangular L with L Lᵀ = S. */
export function cholesky(S: Matrix2): Matrix2 {
  const L = tabulate(S.length, S.length, () => 0);
  for (let i = 0; i < S.length; i++)
    for (let j = 0; j <= i; j++) {
      const rest = S[i]![j]! - sum(L[j]!.slice(0, j).map((value, k) => value * L[i]![k]!));
      L[i]![j] = i === j ? Math.sqrt(rest) : rest / L[j]![j]!;
    }
  return L;
}

/** L⁻¹ v, by forward substitution. */
function solveLower(L: Matrix2, v: readonly number[]): number[] {
  const y: number[] = [];
  L.forEach((row, i) => {
    y.push((v[i]! - sum(y.map((value, k) => value * row[k]!))) / row[i]!);
  });
  return y;
}

export function inverse(S: Matrix2): Matrix2 {
  const L = cholesky(S);
  const columns = S.map((_, j) =>
    solveLower(
      L,
      S.map((_, i) => (i === j ? 1 : 0)),
    ),
  );
  return tabulate(S.length, S.length, (i, j) => sum(columns[i]!.map((value, k) => value * columns[j]![k]!)));
}

export const trace = (S: Matrix2): number => sum(S.map((row, i) => row[i]!));
export const logDeterminant = (S: Matrix2): number => logDeterminantOf(cholesky(S));

/** Section 11: ln det Σ from the Cholesky factor. */
const logDeterminantOf = (L: Matrix2): number => 2 * sum(L.map((row, i) => Math.log(row[i]!)));

/** Section 11: (x − μ)ᵀ Σ⁻¹ (x − μ) from the Cholesky factor. */
function quadraticFormOf(L: Matrix2, x: readonly number[], mean: readonly number[]): number {
  const y = solveLower(
    L,
    x.map((value, j) => value - mean[j]!),
  );
  return sum(y.map((value) => value * value));
}

export function quadraticForm(x: readonly number[], mean: readonly number[], S: Matrix2): number {
  return quadraticFormOf(cholesky(S), x, mean);
}

/** Section 1: ln N(x | μ, Σ) as a function of x. */
export function logGaussian(mean: readonly number[], S: Matrix2): (x: readonly number[]) => number {
  const L = cholesky(S);
  const constant = mean.length * Math.log(2 * Math.PI) + logDeterminantOf(L);
  return (x) => -0.5 * (constant + quadraticFormOf(L, x, mean));
}

/** ln π_k + ln N(x_n | μ_k, Σ_k), N × K. */
export function logJoint(X: Matrix2, { weights, means, covariances }: Mixture): Matrix2 {
  const densities = weights.map((_, k) => logGaussian(means[k]!, covariances[k]!));
  return X.map((x) => weights.map((weight, k) => Math.log(weight) + densities[k]!(x)));
}

/** Section 11. */
export function logSumExp(a: readonly number[]): number {
  const most = Math.max(...a);
  return most + Math.log(sum(a.map((value) => Math.exp(value - most))));
}

/** Section 1: ln p(X | θ). */
export function logLikelihood(X: Matrix2, mixture: Mixture): number {
  return sum(logJoint(X, mixture).map(logSumExp));
}

/** Section 2: γ, N × K. */
export function responsibilities(X: Matrix2, mixture: Mixture): Matrix2 {
  return logJoint(X, mixture).map((a) => {
    const total = logSumExp(a);
    return a.map((value) => Math.exp(value - total));
  });
}

/** N_k. */
export function counts(resp: Matrix2): number[] {
  return resp[0]!.map((_, k) => sum(resp.map((row) => row[k]!)));
}

/** Sections 4 to 7 and 10. */
export function mStep(X: Matrix2, resp: Matrix2, type: CovarianceType, regCovar = 0): Mixture {
  const N = counts(resp);
  const d = X[0]!.length;
  const means = N.map((Nk, k) => X[0]!.map((_, j) => sum(X.map((x, n) => resp[n]![k]! * x[j]!)) / Nk));
  const scatters = N.map((Nk, k) =>
    tabulate(d, d, (i, j) => {
      const terms = X.map((x, n) => resp[n]![k]! * (x[i]! - means[k]![i]!) * (x[j]! - means[k]![j]!));
      return sum(terms) / Nk;
    }),
  );
  const pooled = tabulate(d, d, (i, j) => sum(scatters.map((S, k) => (N[k]! * S[i]![j]!) / X.length)));
  const covariances = scatters.map((S) =>
    tabulate(d, d, (i, j) => {
      const off = i === j ? regCovar : 0;
      if (type === 'full') return S[i]![j]! + off;
      if (type === 'tied') return pooled[i]![j]! + off;
      if (i !== j) return 0;
      return (type === 'diag' ? S[i]![i]! : trace(S) / d) + off;
    }),
  );
  return { weights: N.map((Nk) => Nk / X.length), means, covariances };
}

/** Section 8: the expected complete-data log-likelihood for responsibilities that stay fixed. */
export function expectedLogLikelihood(X: Matrix2, resp: Matrix2, mixture: Mixture): number {
  return sum(logJoint(X, mixture).map((a, n) => sum(a.map((value, k) => resp[n]![k]! * value))));
}

/** Section 9: the lower bound L(q, θ). */
export function lowerBound(X: Matrix2, q: Matrix2, mixture: Mixture): number {
  const entropy = -sum(q.flat().map((value) => (value > 0 ? value * Math.log(value) : 0)));
  return expectedLogLikelihood(X, q, mixture) + entropy;
}

/** Section 9: KL(q ‖ p). */
export function divergence(q: Matrix2, posterior: Matrix2): number {
  return sum(
    q.flatMap((row, n) =>
      row.map((value, k) => (value > 0 ? value * Math.log(value / posterior[n]![k]!) : 0)),
    ),
  );
}
