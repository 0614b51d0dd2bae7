import { precisionOf } from '../kernels/kernels.ts';
import { Matrix, type MatrixLike } from '../matrix.ts';
import { withSession } from '../parallel/session.ts';
import { Random } from '../random.ts';
import type { MixtureParameters } from './covariance.ts';
import { type EmContext, iterate, startFrom } from './em.ts';
import { startingResponsibilities } from './init.ts';
import { GaussianMixtureModel } from './model.ts';
import {
  type CheckedGaussianMixtureOptions,
  checkGaussianMixtureOptions,
  type GaussianMixtureOptions,
} from './options.ts';
import { type Plan, planFor } from './plan.ts';
import { emProgram } from './program.ts';

/**
 * A mixture of `nComponents` Gaussians, p(x) = Σ_k w_k N(x | μ_k, Σ_k), fitted to the rows of X by expectation and
 * maximisation from the best of `nInit` starts; the answers of scikit-learn's `GaussianMixture`, and the same bits for
 * any number of workers. Bishop, PRML (2006), §9.2; the steps are derived in docs/derivations.
 *
 * float32 data are computed in float32 with sums, factors and parameters in float64; float64 data in float64.
 * Running out of iterations is no error: see `converged`.
 * @param X nSamples × nFeatures
 * @throws TypeError or RangeError for options or data that make no sense; Error if a component collapses; the
 * signal's reason when aborted
 */
export async function gaussianMixture(
  X: MatrixLike,
  options: GaussianMixtureOptions,
): Promise<GaussianMixtureModel> {
  const matrix = Matrix.from(X, { who: 'gaussianMixture: X' });
  return bestFit(matrix, checkGaussianMixtureOptions(matrix, options));
}

/** The fit, with what EM remembers of the rows as the plan has it; by default as is best for their shape. */
export async function bestFit(
  matrix: Matrix,
  checked: CheckedGaussianMixtureOptions,
  plan?: Plan,
): Promise<GaussianMixtureModel> {
  const { nComponents, covarianceType, sampleWeight, workers, signal, nInit } = checked;
  const precision = precisionOf(matrix.data);
  const shape = { nComponents, nFeatures: matrix.cols, covarianceType, precision };
  const config = {
    ...shape,
    origin: columnMeans(matrix),
    plan: plan ?? planFor(shape),
  };
  const columns: Record<string, Float64Array> = sampleWeight ? { weights: sampleWeight } : {};
  return withSession(emProgram, matrix, config, { workers, signal, columns }, async (session) => {
    const context = { ...config, session, nSamples: matrix.rows, regCovar: checked.regCovar };
    const random = new Random(checked.seed);
    let best: Run | undefined;
    for (let r = 0; r < nInit; r++) {
      const start = await startingParameters(context, matrix, checked, random.stream(r));
      const run = await oneRun(context, start, checked, r);
      if (!best || run.lowerBound > best.lowerBound) best = run;
    }
    const { weights, means, covariances } = best!.parameters;
    return new GaussianMixtureModel(
      {
        covarianceType,
        weights,
        means: new Matrix(moved(means, config.origin, 1), nComponents, matrix.cols),
        covariances,
        lowerBounds: Float64Array.from(best!.lowerBounds),
        converged: best!.converged,
      },
      (component) => collapsed(covarianceType === 'tied', component, weights[component]!),
    );
  });
}

/** One run of EM, its means measured from the origin. */
interface Run {
  readonly parameters: MixtureParameters;
  readonly lowerBound: number;
  readonly lowerBounds: readonly number[];
  readonly converged: boolean;
}

async function oneRun(
  context: EmContext,
  start: MixtureParameters,
  { maxIter, tol, nInit, covarianceType, onProgress }: CheckedGaussianMixtureOptions,
  run: number,
): Promise<Run> {
  let parameters = start;
  let lowerBound = -Infinity;
  let converged = false;
  const lowerBounds: number[] = [];
  const refuse = (component: number, weight: number) =>
    collapsed(covarianceType === 'tied', component, weight);
  if (maxIter > 0)
    for await (const round of iterate(context, start, refuse)) {
      converged = Math.abs(round.lowerBound - lowerBound) < tol;
      ({ parameters, lowerBound } = round);
      lowerBounds.push(lowerBound);
      onProgress?.({
        task: 'gaussianMixture',
        iteration: lowerBounds.length,
        maxIterations: maxIter,
        run,
        runs: nInit,
        objective: lowerBound,
      });
      if (converged || lowerBounds.length === maxIter) break;
    }
  return { parameters, lowerBound, lowerBounds, converged };
}

async function startingParameters(
  context: EmContext,
  X: Matrix,
  options: CheckedGaussianMixtureOptions,
  random: Random,
): Promise<MixtureParameters> {
  const { init } = options;
  if (typeof init === 'object' && 'means' in init)
    return { ...init, means: moved(init.means, context.origin, -1) };
  return startFrom(context, await startingResponsibilities(X, options, random));
}

function collapsed(tied: boolean, component: number, weight: number): Error {
  const what = tied
    ? 'the tied covariance'
    : `component ${component} (weight ${Number(weight.toPrecision(3))})`;
  return new Error(
    `gaussianMixture: ${what} collapsed (covariance not positive definite); try fewer components, a larger regCovar, or scaled data`,
  );
}

/** The mean of each column, near enough to measure from. */
function columnMeans({ data, rows, cols }: Matrix): Float64Array {
  const means = new Float64Array(cols);
  const share = 1 / rows; // shares are added, not values, so that the sum cannot overflow
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) means[j]! += data[i * cols + j]! * share;
  return means;
}

/** K × d means plus `sign` times the origin. */
function moved(means: Float64Array, origin: Float64Array, sign: 1 | -1): Float64Array {
  return means.map((value, i) => value + sign * origin[i % origin.length]!);
}
