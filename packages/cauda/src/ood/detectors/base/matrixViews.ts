import { describe } from '../../../check.ts';
import { Matrix, type MatrixLike } from '../../../matrix.ts';
import type { FeatureMap, Views } from '../../../views.ts';
import { isFeatureMap } from './featureMaps.ts';

/** Views as a detector's kind gets them: each a matrix or a map, whatever the caller gave. */
export interface MatrixViews extends Views {
  readonly features?: Matrix | FeatureMap;
  readonly layers?: readonly (Matrix | FeatureMap)[];
  readonly logits?: Matrix;
}

/** One of some views, and its name in messages, such as "layers[1]". */
export interface NamedView {
  readonly name: string;
  readonly view: Matrix | FeatureMap;
}

/**
 * Turns every view that is no map into a matrix. NaN is let through: a preparation may fill it in, and a detector that
 * has no use for it refuses it.
 * @param who begins the messages of errors
 * @throws TypeError or RangeError naming a view that is neither a matrix nor a map
 */
export function matrixViews(who: string, { features, layers, logits, ...others }: Views): MatrixViews {
  if (layers !== undefined && !Array.isArray(layers))
    throw new TypeError(`${who}: layers must be an array of layers; got ${describe(layers)}`);
  const one = (name: string, view: MatrixLike | FeatureMap): Matrix | FeatureMap =>
    isFeatureMap(view) || view instanceof Matrix
      ? view
      : Matrix.from(view as MatrixLike, { who: `${who}: ${name}`, allowNaN: true });
  return {
    ...others,
    ...(features !== undefined && { features: one('features', features) }),
    ...(layers !== undefined && { layers: layers.map((layer, l) => one(`layers[${l}]`, layer)) }),
    ...(logits !== undefined && { logits: one('logits', logits) as Matrix }),
  };
}

/** The views that there are, in the order of their names. */
export function namedViews({ features, layers, logits }: MatrixViews): NamedView[] {
  return [
    ...(features === undefined ? [] : [{ name: 'features', view: features }]),
    ...(layers ?? []).map((view, l) => ({ name: `layers[${l}]`, view })),
    ...(logits === undefined ? [] : [{ name: 'logits', view: logits }]),
  ];
}

/** How many inputs a view describes. */
export function rowsIn(view: Matrix | FeatureMap): number {
  return view instanceof Matrix ? view.rows : view.dims[0];
}

/** How many rows every one of the views has; undefined if there is none, or they differ. */
export function commonRows(views: MatrixViews): number | undefined {
  const [first, ...others] = namedViews(views).map(({ view }) => rowsIn(view));
  return others.every((rows) => rows === first) ? first : undefined;
}
