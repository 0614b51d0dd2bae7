import { describe } from '../../check.ts';
import { Matrix, type NumericArray } from '../../matrix.ts';
import type { FeatureMap, Views } from '../../views.ts';
import { isFeatureMap } from '../detectors/base/featureMaps.ts';

/** One row for a guard: what a network makes of one input. */
export interface GuardRow {
  readonly features?: NumericArray | FeatureMap;
  readonly logits?: NumericArray;
  readonly layers?: readonly (NumericArray | FeatureMap)[];
  /** The digest of the network that made it, where it is known. */
  readonly digest?: string;
}

/** What a guard says of one row. */
export interface Verdict {
  /** The detector's outlier score, larger = further out. */
  readonly score: number;
  /** The conformal p-value: the share of familiar rows that score as high, as `Calibration.pValue` has it. */
  readonly pValue: number;
  /** Whether the score is at most the threshold. */
  readonly inDistribution: boolean;
  /**
   * The class that the row is most like, by name where the guard has names: of the detector's Gaussians if it has some
   * for each class, else that of the largest logit; undefined without either.
   */
  readonly nearestClass: number | string | undefined;
  /** What each part of a combination adds to the score; the whole score for any other detector. */
  readonly perLayer: readonly {
    readonly detector: string;
    readonly layer: number | undefined;
    readonly score: number;
  }[];
}

/** One row as views. */
export function viewsOfRow(who: string, row: GuardRow): Views {
  if (typeof row !== 'object' || row === null || Array.isArray(row) || ArrayBuffer.isView(row))
    throw new TypeError(
      `${who}: expected one row as { layers, logits } or { features }; got ${describe(row)}; for inputs of the network use checkInputs`,
    );
  const { features, logits, layers, digest, ...others } = row;
  const unknown = Object.keys(others);
  if (unknown.length > 0)
    throw new TypeError(
      `${who}: unknown view "${unknown[0]}"; known are features, layers and logits${unknown[0] === 'inputs' ? '; for inputs of the network use checkInputs' : ''}`,
    );
  if (layers !== undefined && !Array.isArray(layers))
    throw new TypeError(`${who}: layers must be an array of one row a layer; got ${describe(layers)}`);
  const one = (name: string, view: NumericArray | FeatureMap): Matrix | FeatureMap =>
    isFeatureMap(view) ? view : oneRow(`${who}: ${name}`, view as NumericArray);
  return {
    ...(features !== undefined && { features: one('features', features) }),
    ...(logits !== undefined && { logits: oneRow(`${who}: logits`, logits) }),
    ...(layers && { layers: layers.map((layer, l) => one(`layers[${l}]`, layer)) }),
    ...(digest !== undefined && { digest }),
  };
}

function oneRow(who: string, values: NumericArray): Matrix {
  return Matrix.from({ data: values, shape: [1, values?.length] }, { who });
}
