import { describe } from '../../../check.ts';
import { Matrix } from '../../../matrix.ts';
import type { Views } from '../../../views.ts';
import { isFeatureMap } from './featureMaps.ts';

/**
 * The logits or features among some views, checked.
 * @param who the function the caller called; it begins every message
 * @param cols how many columns they must have; any number if undefined
 */
export function rowsOf(who: string, input: Views, name: 'logits' | 'features', cols?: number): Matrix {
  const plainObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  if (!plainObject || input instanceof Matrix)
    throw new TypeError(`${who}: expected an object with ${name}, { ${name} }; got ${describe(input)}`);
  if (input[name] === undefined)
    throw new TypeError(`${who}: ${name} are missing; got { ${Object.keys(input).join(', ')} }`);
  const view = input[name];
  if (isFeatureMap(view))
    throw new TypeError(
      `${who}: ${name} are a feature map of ${view.dims.length} dimensions, and this detector takes a row an input; pool them, with prepared or autoGuard`,
    );
  return Matrix.from(view, { who: `${who}: ${name}`, cols });
}

/**
 * The same in float64. Detectors compute in float64, where a score may be a small difference; only `knn` and EM work in
 * the precision of the training rows.
 */
export function doubleRowsOf(who: string, input: Views, name: 'logits' | 'features', cols?: number): Matrix {
  const { data, rows, cols: width } = rowsOf(who, input, name, cols);
  return new Matrix(data instanceof Float64Array ? data : Float64Array.from(data), rows, width);
}

/** What `score` gives for each row. */
export function scoreRows(X: Matrix, score: (row: Float64Array, index: number) => number): Float64Array {
  return Float64Array.from({ length: X.rows }, (_, i) => score(X.row(i) as Float64Array, i));
}
