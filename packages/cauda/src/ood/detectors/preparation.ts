import { describe } from '../../check.ts';
import { Matrix, type MatrixLike } from '../../matrix.ts';
import type { FitControl } from '../../parallel/session.ts';
import { type FittedPipeline, pipeline } from '../../pipeline/pipeline.ts';
import type { Step } from '../../pipeline/step.ts';
import { FieldReader, type Saved } from '../../serialize.ts';
import type { FeatureMap, Views } from '../../views.ts';
import type { InnerReader } from './base/detector.ts';
import { isFeatureMap, pooled } from './base/featureMaps.ts';

/** What comes before a detector: for each view the steps that its rows go through. */
export interface Preparation {
  readonly features?: readonly Step[];
  /** An entry for each entry of `layers`; undefined or no steps for one that is taken as it is. */
  readonly layers?: readonly (readonly Step[] | undefined)[];
  readonly logits?: readonly Step[];
}

/** How one view is prepared, fitted. */
export interface PreparedView {
  readonly view: 'features' | 'logits' | 'layers';
  /** The entry of `layers`; −1 for other views. */
  readonly index: number;
  /** "mean": a feature map becomes the mean over its positions first. */
  readonly pool: 'mean' | 'none';
  /** Columns, or channels of a map, of the view as it comes. */
  readonly cols: number;
  readonly pipeline: FittedPipeline | undefined;
}

/** One view of some training rows. */
interface TrainingView {
  readonly view: PreparedView['view'];
  readonly index: number;
  readonly given: MatrixLike | FeatureMap;
}

/** Training rows whose views are pooled, and what was done and is still to be done to them. */
export interface PooledView extends TrainingView {
  readonly matrix: Matrix;
  readonly steps: readonly Step[];
}

/**
 * The views with their maps pooled, and the steps that are theirs.
 * @param who begins the messages of errors
 * @throws TypeError or RangeError for views or preparations that make no sense
 */
export function pooledViews(who: string, views: Views, preparation: Preparation): PooledView[] {
  const stepsOf = checkPreparation(who, preparation, views);
  return viewsIn(views).map((one) => {
    const name = nameOf(one);
    const { given } = one;
    const matrix = isFeatureMap(given)
      ? pooled(`${who}: ${name}`, given)
      : Matrix.from(given, { who: `${who}: ${name}`, allowNaN: stepsOf(one).length > 0 });
    return { ...one, matrix, steps: stepsOf(one) };
  });
}

/**
 * Fits the steps of a view to its rows.
 * @returns undefined for a view that stays as it is
 */
export async function fitView(
  { view, index, given, matrix, steps }: PooledView,
  rows: Matrix,
  control: FitControl,
): Promise<PreparedView | undefined> {
  const pool = isFeatureMap(given) ? 'mean' : 'none';
  if (pool === 'none' && steps.length === 0) return undefined;
  const { onProgress: _, ...rest } = control;
  const fitted = steps.length ? await pipeline([...steps] as [Step]).fit(rows, rest) : undefined;
  return Object.freeze({ view, index, pool, cols: matrix.cols, pipeline: fitted });
}

/**
 * Views as the detector behind the preparation reads them.
 * @throws TypeError or RangeError naming a view that is not like the one that was fitted
 */
export function prepareViews(who: string, preparation: readonly PreparedView[], views: Views): Views {
  if (preparation.length === 0) return views;
  let { features, logits } = views ?? {};
  const layers = views?.layers?.slice();
  for (const one of preparation) {
    switch (one.view) {
      case 'features':
        if (features !== undefined) features = prepareView(who, one, features);
        break;
      case 'logits':
        if (logits !== undefined) logits = prepareView(who, one, logits);
        break;
      case 'layers': {
        const layer = layers?.[one.index];
        if (layer !== undefined) layers![one.index] = prepareView(who, one, layer);
        break;
      }
      default:
        one.view satisfies never;
    }
  }
  return {
    ...views,
    ...(features !== undefined && { features }),
    ...(logits !== undefined && { logits }),
    ...(layers && { layers }),
  };
}

/** One view after its preparation; a pooled view may also come as a matrix of one row an input. */
export function prepareView(who: string, prepared: PreparedView, given: MatrixLike | FeatureMap): Matrix {
  const name = `${who}: ${nameOf(prepared)}`;
  const { pool, cols, pipeline } = prepared;
  if (isFeatureMap(given) && pool === 'none')
    throw new TypeError(
      `${name} is a feature map of ${given.dims.length} dimensions; the training rows were a matrix: give one of ${cols} columns`,
    );
  const matrix = isFeatureMap(given)
    ? pooled(name, given)
    : Matrix.from(given, { who: name, cols, allowNaN: pipeline !== undefined });
  if (matrix.cols !== cols)
    throw new RangeError(`${name} has ${matrix.cols} channels; the training rows had ${cols}`);
  return pipeline ? pipeline.transform(matrix) : matrix;
}

/** What is done to each view, in words. */
export function describePreparation(preparation: readonly PreparedView[]): string {
  return preparation
    .map((one) => {
      const steps = one.pipeline?.steps.map((step) =>
        (step.toJSON() as Saved).format.replace(/^cauda\./, ''),
      );
      const pool = one.pool === 'mean' ? ['mean over its positions'] : [];
      return `${nameOf(one)}: ${[...pool, ...(steps ?? [])].join(', then ')}`;
    })
    .join('; ');
}

/** A preparation that a detector saved, checked. */
export function readPreparation(saved: FieldReader, inner: InnerReader): PreparedView[] {
  const values = saved.field('preparation');
  if (!Array.isArray(values)) saved.fail('preparation', 'an array of prepared views');
  return (values as unknown[]).map((value, v) => {
    const one = new FieldReader(`detectorFromJSON: preparation[${v}]`, value);
    const steps = one.field('pipeline') ?? null;
    return Object.freeze({
      view: one.choice('view', ['features', 'logits', 'layers'] as const),
      index: one.number('index', -1, Number.MAX_SAFE_INTEGER, true),
      pool: one.choice('pool', ['mean', 'none'] as const),
      cols: one.number('cols', 1, Number.MAX_SAFE_INTEGER, true),
      pipeline: steps === null ? undefined : inner.pipeline(steps),
    });
  });
}

function viewsIn({ features, layers, logits }: Views): TrainingView[] {
  return [
    ...(features === undefined ? [] : [{ view: 'features', index: -1, given: features } as const]),
    ...(layers ?? []).map((given, index) => ({ view: 'layers', index, given }) as const),
    ...(logits === undefined ? [] : [{ view: 'logits', index: -1, given: logits } as const]),
  ];
}

function nameOf({ view, index }: Pick<PreparedView, 'view' | 'index'>): string {
  return view === 'layers' ? `layers[${index}]` : view;
}

/**
 * @returns the steps of each view, none where there are none
 */
function checkPreparation(
  who: string,
  preparation: Preparation,
  views: Views,
): (one: Pick<PreparedView, 'view' | 'index'>) => readonly Step[] {
  if (typeof preparation !== 'object' || preparation === null)
    throw new TypeError(
      `${who}: expected the steps of each view, such as { features: [standardScalerStep()] }; got ${describe(preparation)}`,
    );
  for (const key of Object.keys(preparation)) {
    if (!['features', 'layers', 'logits'].includes(key))
      throw new TypeError(`${who}: unknown view "${key}"; known are features, layers, logits`);
    const steps = preparation[key as keyof Preparation];
    if (steps !== undefined && !Array.isArray(steps))
      throw new TypeError(
        `${who}: the preparation of ${key} must be an array${key === 'layers' ? ' of arrays' : ''} of steps; got ${describe(steps)}`,
      );
    if (steps !== undefined && views?.[key as keyof Preparation] === undefined)
      throw new TypeError(`${who}: the preparation has steps for ${key}, which the training rows lack`);
  }
  const { layers } = preparation;
  if (layers && layers.length > (views.layers?.length ?? 0))
    throw new RangeError(
      `${who}: the preparation has steps for ${layers.length} layers; the training rows have ${views.layers?.length}`,
    );
  const uneven = layers?.findIndex((steps) => steps !== undefined && !Array.isArray(steps)) ?? -1;
  if (uneven >= 0)
    throw new TypeError(
      `${who}: the preparation of layers[${uneven}] must be an array of steps; got ${describe(layers![uneven])}`,
    );
  return ({ view, index }) => (view === 'layers' ? layers?.[index] : preparation[view]) ?? [];
}
