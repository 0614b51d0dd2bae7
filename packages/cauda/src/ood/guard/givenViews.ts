import { describe } from '../../check.ts';
import { Matrix } from '../../matrix.ts';
import { FieldReader } from '../../serialize.ts';
import type { FeatureMap, Views } from '../../views.ts';
import { channelsOf, isFeatureMap } from '../detectors/base/featureMaps.ts';
import { type MatrixViews, matrixViews, namedViews, rowsIn } from '../detectors/base/matrixViews.ts';

/** Columns of each view, or channels of a map; undefined for a view that was not given. */
export interface ViewWidths {
  readonly features?: number;
  readonly layers?: readonly number[];
  readonly logits?: number;
}

/** Views at a guard's door, checked. */
export interface GivenViews {
  readonly views: MatrixViews;
  readonly widths: ViewWidths;
}

/**
 * Checks that views are matrices or maps with the same rows in each.
 * @param who the function the caller called; it begins every message
 * @param inputs how many inputs the network made them of, where that is known
 * @throws TypeError for something that is no views, RangeError for other numbers of rows
 */
export function givenViews(who: string, given: Views, inputs?: number): GivenViews {
  if (typeof given !== 'object' || given === null || Array.isArray(given) || given instanceof Matrix)
    throw new TypeError(
      `${who}: expected views, { layers, logits } or { features }; got ${describe(given)}; give { logits } for logits`,
    );
  const views = matrixViews(who, given);
  const named = namedViews(views).map(({ name, view }) => ({ name, rows: rowsIn(view) }));
  const [first] = named;
  const other = named.find(({ rows }) => rows !== first!.rows);
  if (other)
    throw new RangeError(
      `${who}: ${first!.name} has ${plural(first!.rows, 'row')}, ${other.name} ${other.rows}; give the same rows in every view`,
    );
  if (first && inputs !== undefined && first.rows !== inputs)
    throw new RangeError(
      `${who}: the network made ${plural(first.rows, 'row')} of ${plural(inputs, 'input')}; its views must have one row an input`,
    );
  return { views, widths: widthsOf(who, views) };
}

/**
 * Checks that views are as wide as those that a guard was calibrated on. Views that it was not calibrated on may have any
 * width.
 * @throws RangeError naming the view that is not
 */
export function checkWidths(who: string, calibrated: ViewWidths, { views, widths }: GivenViews): void {
  const [known, layers] = [calibrated.layers, widths.layers];
  if (known && layers && known.length !== layers.length)
    throw new RangeError(
      `${who}: layers has ${plural(layers.length, 'entry', 'entries')}; this guard was calibrated on ${known.length}`,
    );
  const expected = (name: string): number | undefined => {
    if (name === 'features' || name === 'logits') return calibrated[name];
    return known?.[Number(name.slice('layers['.length, -1))];
  };
  for (const { name, view } of namedViews(views)) {
    const width = widthOf(`${who}: ${name}`, view);
    const one = isFeatureMap(view) ? 'channel' : 'column';
    if (expected(name) !== undefined && width !== expected(name))
      throw new RangeError(
        `${who}: ${name} has ${plural(width, one)}; this guard was calibrated on ${expected(name)}`,
      );
  }
}

/**
 * What to throw where a detector refuses views: an error that begins with the caller's function and names the view as the
 * caller does.
 * @returns errors of other sorts as they are
 */
export function refusal(who: string, views: MatrixViews, error: unknown): unknown {
  if (!(error instanceof TypeError || error instanceof RangeError)) return error;
  for (const { name, view } of namedViews(views)) {
    if (isFeatureMap(view)) continue;
    try {
      Matrix.from(view, { who: `${who}: ${name}` });
    } catch (named) {
      return named;
    }
  }
  const Sort = error instanceof TypeError ? TypeError : RangeError;
  return new Sort(`${who}: ${error.message}`, { cause: error });
}

/** The widths that a guard saved, checked. */
export function readWidths(who: string, value: unknown): ViewWidths {
  const saved = new FieldReader(who, value);
  const isWidth = (width: unknown): boolean => Number.isSafeInteger(width) && (width as number) >= 1;
  const one = (name: 'features' | 'logits'): object => {
    const width = saved.field(name);
    if (width !== undefined && !isWidth(width)) saved.fail(name, 'an integer ≥ 1, or left out');
    return width === undefined ? {} : { [name]: width };
  };
  const layers = saved.field('layers');
  if (layers !== undefined && !(Array.isArray(layers) && layers.every(isWidth)))
    saved.fail('layers', 'an array of integers ≥ 1, or left out');
  const all = { ...one('features'), ...(layers !== undefined && { layers }), ...one('logits') };
  return Object.freeze(all as ViewWidths);
}

function widthsOf(who: string, { features, layers, logits }: MatrixViews): ViewWidths {
  return Object.freeze({
    ...(features && { features: widthOf(`${who}: features`, features) }),
    ...(layers && {
      layers: Object.freeze(layers.map((layer, l) => widthOf(`${who}: layers[${l}]`, layer))),
    }),
    ...(logits && { logits: widthOf(`${who}: logits`, logits) }),
  });
}

function widthOf(who: string, view: Matrix | FeatureMap): number {
  return view instanceof Matrix ? view.cols : channelsOf(who, view);
}

function plural(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
