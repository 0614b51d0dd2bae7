import type { Precision } from '../../kernels/kernels.ts';
import type { Matrix } from '../../matrix.ts';
import { openSession, type Session, type SessionOptions } from '../../parallel/session.ts';
import { Source } from '../../source.ts';
import { originOf, translated } from '../covariance/columns.ts';
import type { MixtureParameters } from '../covariance/parameters.ts';
import { columnReach, isCoarse } from '../covariance/reach.ts';
import { type CovarianceType, sharesMatrix } from '../covariance/type.ts';
import type { MixtureShape } from '../rows/density.ts';
import { type Plan, planFor } from '../rows/plan.ts';
import { type EmConfig, type EmSteps, emProgram } from '../rows/program.ts';
import { TiedScatter } from './scatter.ts';

/** A fit's rows with what EM needs to know of them. */
export interface EmContext extends EmConfig {
  readonly session: Session<EmSteps>;
  readonly nSamples: number;
  readonly regCovar: number;
  /** The scatter of all rows, where covariances are tied. */
  readonly scatter?: TiedScatter | undefined;
}

/** Parameters with the place that their means are measured from. */
export type Placed<Parameters extends MixtureParameters> = Parameters & { readonly origin: Float64Array };

/** The same parameters, measured from elsewhere. */
export function moved<Parameters extends MixtureParameters>(
  placed: Placed<Parameters>,
  origin: Float64Array,
): Placed<Parameters> {
  if (placed.origin === origin) return placed;
  const { means } = published(placed);
  return { ...placed, origin, means: translated(means, origin, -1) };
}

/** Parameters with means as a user has them. */
export function published<Parameters extends MixtureParameters>({
  origin,
  ...parameters
}: Placed<Parameters>): Omit<Placed<Parameters>, 'origin'> {
  return { ...parameters, means: translated(parameters.means, origin, 1) };
}

/** How the rows of a fit are opened. */
interface FrameOptions extends Pick<SessionOptions, 'workers' | 'signal'> {
  readonly nComponents: number;
  readonly covarianceType: CovarianceType;
  readonly regCovar: number;
  readonly sampleWeight: Float64Array | undefined;
  /** Where rows are measured from at first; by default the mean of each column, nearly. */
  readonly origin?: Float64Array | undefined;
  /** What EM remembers of the rows; by default what is fastest for their shape. */
  readonly plan?: Plan | undefined;
}

/**
 * A fit's rows, measured from their mean in their own precision. Where a component is so narrow and so far from there
 * that this takes more than a few bits of it, they are opened anew: in float64 and from 0, which rounds nothing before a
 * component's mean is subtracted. They then stay so, in later runs too.
 */
export class Frame {
  readonly #X: Matrix | Source;
  readonly #options: FrameOptions;
  #context: EmContext;
  #open = true;

  private constructor(X: Matrix | Source, options: FrameOptions, context: EmContext) {
    this.#X = X;
    this.#options = options;
    this.#context = context;
  }

  static async open(X: Matrix | Source, options: FrameOptions): Promise<Frame> {
    const precision = X.dtype === 'float64' ? 'F64' : 'F32';
    const origin = options.origin ?? (await originOf(X, options.sampleWeight));
    return new Frame(X, options, await opened(X, options, precision, origin));
  }

  /** The rows as they are open now. */
  get context(): EmContext {
    return this.#context;
  }

  /** Whether there is a better frame for these parameters; asks only how far the means are in each column. */
  isTooCoarseFor({ means, covariances }: MixtureParameters): boolean {
    return this.isTooCoarse(
      columnReach(this.#context.covarianceType, means, covariances, this.#context.nFeatures),
    );
  }

  /** Whether there is a better frame for components of this reach: see `reach` of `DensityParameters`. */
  isTooCoarse(reach: number): boolean {
    const { precision, origin } = this.#context;
    const widest = precision === 'F64' && origin.every((value) => value === 0);
    return !widest && isCoarse(reach, precision);
  }

  /** Opens the rows in float64, from 0. */
  async widen(): Promise<void> {
    this.close(); // first, so that the rows are not in memory twice
    this.#context = await opened(this.#X, this.#options, 'F64', new Float64Array(this.#X.cols));
    this.#open = true;
  }

  close(): void {
    if (this.#open) this.#context.session.close();
    this.#open = false;
  }
}

async function opened(
  X: Matrix | Source,
  { nComponents, covarianceType, regCovar, sampleWeight, workers, signal, plan }: FrameOptions,
  precision: Precision,
  origin: Float64Array,
): Promise<EmContext> {
  const shape: MixtureShape = { nComponents, nFeatures: X.cols, covarianceType, precision };
  const best = planFor(shape, X.rows);
  const config = {
    ...shape,
    origin,
    plan: plan ?? (X instanceof Source ? { ...best, pruned: false } : best), // bounds take more than the rows
  };
  const columns: Record<string, Float64Array> = sampleWeight ? { sampleWeight } : {};
  const session = await openSession(emProgram, X, config, { workers, signal, columns });
  try {
    const scatter = sharesMatrix(covarianceType) ? await TiedScatter.of(session, X.cols) : undefined;
    return { ...config, session, nSamples: X.rows, regCovar, scatter };
  } catch (error) {
    session.close();
    throw error;
  }
}
