import { describe } from '../../check.ts';
import { Matrix, type MatrixLike } from '../../matrix.ts';
import { type Saved, type SavedReader, saveMatrix } from '../../serialize.ts';

/** What detectors read: of the same rows, whatever the detector at hand needs. */
export interface DetectorInput {
  /** One layer's activations, or any other description of the rows (nSamples × nFeatures). */
  readonly features?: MatrixLike;
  /** The classifier's outputs before the softmax (nSamples × nClasses). */
  readonly logits?: MatrixLike;
  /** Activations of several layers, for `combine`. */
  readonly layers?: readonly MatrixLike[];
}

/** A detector as plain data: its name and the numbers that it scores with. */
export interface SavedDetector extends Saved {
  readonly format: 'cauda.detector';
  readonly version: 1;
  readonly detector: string;
  readonly [field: string]: unknown;
}

/** What a detector finds in some rows. */
export interface Examination {
  /** The outlier scores, as `score` gives them; length nSamples. */
  readonly scores: Float64Array;
  /** The class that each row is nearest to, for detectors that know classes. */
  readonly nearest?: Int32Array | undefined;
  /** For a combination, what each member adds to the scores. */
  readonly parts?: readonly ExaminedPart[];
}

/** What one member of a combination finds. */
export interface ExaminedPart {
  /** The name of the member's detector. */
  readonly detector: string;
  /** The entry of `layers` that it reads, undefined if it reads the input as it is. */
  readonly layer: number | undefined;
  /** What it adds to each row's score. */
  readonly scores: Float64Array;
}

/** How one sort of detector scores and is read back; what it learnt is in `Parts`, as numbers, arrays and models. */
export interface Kind<Parts extends object> {
  readonly name: string;
  readonly score: (parts: Parts, input: DetectorInput) => Float64Array;
  /** For those that find more than scores. */
  readonly examine?: (parts: Parts, input: DetectorInput) => Examination;
  /** The parts that `Detector.toJSON` saved under their names, checked. */
  readonly read: (saved: SavedReader, nested: (value: unknown) => Detector) => Parts;
}

/** What a detector can be asked about some rows. */
interface Asks {
  readonly score: (input: DetectorInput) => Float64Array;
  readonly examine: ((input: DetectorInput) => Examination) | undefined;
}

/** What detectors of this kind can be asked, with their parts filled in. */
export function asksOf<Parts extends object>({ score, examine }: Kind<Parts>, parts: Parts): Asks {
  return {
    score: (input) => score(parts, input),
    examine: examine && ((input) => examine(parts, input)),
  };
}

/**
 * A fitted detector: frozen, and the same for whatever it looks at. Made by one of this module's factories or
 * `detectorFromJSON`.
 */
export class Detector {
  /** Which detector it is: the name of its factory. */
  readonly name: string;
  readonly #parts: object;
  readonly #asks: Asks;

  protected constructor(name: string, parts: object, asks: Asks) {
    this.name = name;
    this.#parts = parts;
    this.#asks = asks;
    if (new.target === Detector) Object.freeze(this); // a class that extends it has fields to add
  }

  /** For the factories: the detector of this kind with copies of these parts. */
  static of<Parts extends object>(kind: Kind<Parts>, given: Parts): Detector {
    const parts = Object.freeze(
      Object.fromEntries(Object.entries(given).map(([name, part]) => [name, copied(part)])),
    ) as Parts;
    return new Detector(kind.name, parts, asksOf(kind, parts));
  }

  /**
   * The outlier score of each row: larger is further out. Scores of different detectors have different units.
   * @returns length nSamples
   * @throws TypeError if what the detector needs is missing, RangeError if it has not the fitted width or is not finite
   */
  score(input: DetectorInput): Float64Array {
    return withoutMinusZero(this.#asks.score(input));
  }

  /**
   * The scores and where they come from: for detectors that know classes the nearest one, for combinations the parts.
   * @throws TypeError or RangeError as `score`
   */
  examine(input: DetectorInput): Examination {
    const found = this.#asks.examine?.(input) ?? { scores: this.#asks.score(input) };
    return { ...found, scores: withoutMinusZero(found.scores) };
  }

  /** The detector as plain data; `detectorFromJSON` gives one with the same bits. */
  toJSON(): SavedDetector {
    const parts = Object.entries(this.#parts).map(([name, part]) => [name, plain(part)]);
    return { format: 'cauda.detector', version: 1, detector: this.name, ...Object.fromEntries(parts) };
  }
}

function withoutMinusZero(scores: Float64Array): Float64Array {
  return scores.map((score) => score + 0);
}

/** Numbers that no caller can change; −0 becomes 0, as JSON would have it. */
function copied(part: unknown): unknown {
  if (part instanceof Matrix)
    return new Matrix(
      part.data.map((value) => value + 0),
      part.rows,
      part.cols,
    );
  if (part instanceof Float64Array) return part.map((value) => value + 0);
  return part;
}

function plain(part: unknown): unknown {
  if (part instanceof Matrix) return saveMatrix(part);
  if (part instanceof Float64Array) return Array.from(part);
  if (Array.isArray(part)) return part.map(plain);
  return part instanceof Object && 'toJSON' in part ? (part.toJSON as () => unknown)() : part;
}

/**
 * The logits or features of an input, checked.
 * @param who the function the caller called; it begins every message
 * @param cols how many columns they must have; any number if undefined
 */
export function rowsOf(
  who: string,
  input: DetectorInput,
  name: 'logits' | 'features',
  cols?: number,
): Matrix {
  const plainObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  if (!plainObject || input instanceof Matrix)
    throw new TypeError(`${who}: expected an object with ${name}, { ${name} }; got ${describe(input)}`);
  if (input[name] === undefined)
    throw new TypeError(`${who}: ${name} are missing; got { ${Object.keys(input).join(', ')} }`);
  return Matrix.from(input[name], { who: `${who}: ${name}`, cols });
}

/**
 * The same in float64. Detectors compute in float64, where a score may be a small difference; only `knn` and EM work in
 * the precision of the training rows.
 */
export function doubleRowsOf(
  who: string,
  input: DetectorInput,
  name: 'logits' | 'features',
  cols?: number,
): Matrix {
  const { data, rows, cols: width } = rowsOf(who, input, name, cols);
  return new Matrix(data instanceof Float64Array ? data : Float64Array.from(data), rows, width);
}

/** What `score` gives for each row. */
export function scoreRows(X: Matrix, score: (row: Float64Array, index: number) => number): Float64Array {
  return Float64Array.from({ length: X.rows }, (_, i) => score(X.row(i) as Float64Array, i));
}
