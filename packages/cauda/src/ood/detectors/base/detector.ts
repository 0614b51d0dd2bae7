import { describe } from '../../../check.ts';
import { Matrix } from '../../../matrix.ts';
import { type BatchControl, checkBatchControl } from '../../../parallel/batchControl.ts';
import type { FittedPipeline } from '../../../pipeline/pipeline.ts';
import { type Saved, type SavedReader, saveArray, saveMatrix } from '../../../serialize.ts';
import { withoutMinusZero } from '../../../vectors.ts';
import type { Views } from '../../../views.ts';
import { scoreInBlocks } from './blocks.ts';
import { checkKind, checkParts } from './checkKind.ts';
import { commonRows, type MatrixViews, matrixViews } from './matrixViews.ts';

/** A detector as plain data: its name and the numbers that it scores with. */
export interface SavedDetector extends Saved {
  readonly format: 'cauda.detector';
  readonly version: 2;
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

/** How one sort of detector scores and is read back; what it learned is in `Parts`, as numbers, arrays and models. */
export interface DetectorKind<Parts extends object> {
  /** The name of the factory; no two kinds have the same. */
  readonly name: string;
  /**
   * The outlier score of each row, which must not depend on the rows beside it; larger is further out. Whatever the caller
   * gave, each view comes as a `Matrix` or a `FeatureMap`; only its values are unchecked, and NaN may be among them.
   */
  readonly score: (parts: Parts, input: MatrixViews) => Float64Array;
  /** For those that find more than scores. */
  readonly examine?: (parts: Parts, input: MatrixViews) => Examination;
  /** For those whose `examine` tells the nearest class: the labels that it may name. */
  readonly classes?: (parts: Parts) => Int32Array | undefined;
  /** For those that can score in workers, with the bits of `score`. */
  readonly scoreAsync?: (parts: Parts, input: MatrixViews, control: BatchControl) => Promise<Float64Array>;
  /** The parts that `Detector.toJSON` saved under their names, checked. */
  readonly read: (saved: SavedReader, inner: InnerReader) => Parts;
}

/** Reads what a saved detector holds besides numbers. */
export interface InnerReader {
  /** @throws TypeError or RangeError for what is no saved detector */
  detector(value: unknown): Detector;
  /** @throws TypeError or RangeError for what is no saved pipeline */
  pipeline(value: unknown): FittedPipeline;
}

/** What a detector can be asked about some rows. */
interface Asks {
  readonly score: (input: MatrixViews) => Float64Array;
  readonly examine: ((input: MatrixViews) => Examination) | undefined;
  readonly scoreAsync: ((input: MatrixViews, control: BatchControl) => Promise<Float64Array>) | undefined;
  readonly classes: () => Int32Array | undefined;
}

/** What detectors of this kind can be asked, with their parts filled in. */
export function asksOf<Parts extends object>(
  { score, examine, scoreAsync, classes }: DetectorKind<Parts>,
  parts: Parts,
): Asks {
  return {
    score: (input) => score(parts, input),
    examine: examine && ((input) => examine(parts, input)),
    scoreAsync: scoreAsync && ((input, control) => scoreAsync(parts, input, control)),
    classes: () => classes?.(parts),
  };
}

/** The constructor of `Detector`, which only this file can call. */
let make: (name: string, parts: object, asks: Asks) => Detector;

/**
 * A fitted detector: frozen, and the same for whatever it looks at. Made by one of this module's factories or
 * `detectorFromJSON`.
 */
export class Detector {
  /** Which detector it is: the name of its factory. */
  readonly name: string;
  readonly #parts: object;
  readonly #asks: Asks;

  static {
    make = (name, parts, asks) => new Detector(name, parts, asks);
  }

  protected constructor(name: string, parts: object, asks: Asks) {
    this.name = name;
    this.#parts = parts;
    this.#asks = asks;
    if (new.target === Detector) Object.freeze(this); // a class that extends it has fields to add
  }

  /**
   * The detector of this kind, one of your own, with copies of these parts.
   * @throws TypeError for something that is no kind, and for parts that a file does not keep; RangeError for a kind that
   *   has the name of one of Cauda's, and for parts that are not finite
   */
  static of<Parts extends object>(kind: DetectorKind<Parts>, parts: Parts): Detector {
    checkKind('Detector.of', kind);
    checkParts('Detector.of', kind.name, parts);
    return detectorOf(kind, parts);
  }

  /** The labels that `examine` may name as the nearest class, for detectors that know classes. */
  get classes(): Int32Array | undefined {
    return this.#asks.classes();
  }

  /**
   * The outlier score of each row: larger is further out. Scores of different detectors have different units.
   * @returns length nSamples
   * @throws TypeError if what the detector needs is missing, RangeError if it has not the fitted width or is not finite
   */
  score(input: Views): Float64Array {
    const who = `${this.name}.score`;
    const views = viewsFor(who, input);
    return checkedScores(who, this.#asks.score(views), views);
  }

  /**
   * `score` for many rows, with the same bits: timers are served and `signal` is heard while it works. Detectors made of
   * a mixture work in `workers` threads, the others in the calling thread.
   * @returns length nSamples
   * @throws TypeError or RangeError as `score`; the signal's reason when aborted
   */
  async scoreAsync(input: Views, control: BatchControl = {}): Promise<Float64Array> {
    const who = `${this.name}.scoreAsync`;
    const { signal, workers, onProgress } = checkBatchControl(who, control);
    signal?.throwIfAborted();
    if (this.#asks.scoreAsync) {
      const views = viewsFor(who, input);
      return checkedScores(who, await this.#asks.scoreAsync(views, { signal, workers, onProgress }), views);
    }
    return scoreInBlocks(who, input, { signal, onProgress }, (rows) => this.score(rows));
  }

  /**
   * The scores and where they come from: for detectors that know classes the nearest one, for combinations the parts.
   * @throws TypeError or RangeError as `score`
   */
  examine(input: Views): Examination {
    const who = `${this.name}.examine`;
    const views = viewsFor(who, input);
    const found = this.#asks.examine?.(views) ?? { scores: this.#asks.score(views) };
    return { ...found, scores: checkedScores(who, found.scores, views) };
  }

  /** The detector as plain data; `detectorFromJSON` gives one with the same bits. */
  toJSON(): SavedDetector {
    const parts = Object.entries(this.#parts).map(([name, part]) => [name, plain(part)]);
    return { format: 'cauda.detector', version: 2, detector: this.name, ...Object.fromEntries(parts) };
  }
}

/** A detector of one of Cauda's own kinds, with copies of its parts. */
export function detectorOf<Parts extends object>(kind: DetectorKind<Parts>, given: Parts): Detector {
  const parts = Object.freeze(
    Object.fromEntries(Object.entries(given).map(([name, part]) => [name, copied(part)])),
  ) as Parts;
  return make(kind.name, parts, asksOf(kind, parts));
}

/** The views as matrices; what is no views at all stays what it is, for the kind to refuse. */
function viewsFor(who: string, input: Views): MatrixViews {
  const isViews =
    typeof input === 'object' && input !== null && !Array.isArray(input) && !(input instanceof Matrix);
  return isViews ? matrixViews(who, input) : (input as MatrixViews);
}

/** Scores as a kind gave them, where there is one for each row; −0 becomes 0. */
function checkedScores(who: string, scores: Float64Array, views: MatrixViews): Float64Array {
  if (!(scores instanceof Float64Array))
    throw new TypeError(`${who}: the kind's scores must be a Float64Array; got ${describe(scores)}`);
  const rows = commonRows(views);
  if (rows !== undefined && scores.length !== rows)
    throw new RangeError(
      `${who}: the kind gave ${scores.length} scores for ${rows} rows; it must give one a row`,
    );
  return withoutMinusZero(scores);
}

/** Numbers that no caller can change; −0 becomes 0. */
function copied(part: unknown): unknown {
  if (part instanceof Matrix) return new Matrix(withoutMinusZero(part.data), part.rows, part.cols);
  if (part instanceof Float64Array) return withoutMinusZero(part);
  if (part instanceof Int32Array) return part.slice();
  return part;
}

/** What `toJSON` writes of a part: arrays packed, models as they save themselves. */
function plain(part: unknown): unknown {
  if (part instanceof Matrix) return saveMatrix(part);
  if (part instanceof Float64Array || part instanceof Int32Array) return saveArray(part);
  if (Array.isArray(part)) return part.map(plain);
  if (typeof part !== 'object' || part === null) return part;
  if ('toJSON' in part) return (part.toJSON as () => unknown)();
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, plain(value)]));
}
