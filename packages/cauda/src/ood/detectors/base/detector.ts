import { describe } from '../../../check.ts';
import { Matrix } from '../../../matrix.ts';
import { type BatchControl, checkBatchControl } from '../../../parallel/batchControl.ts';
import type { FittedPipeline } from '../../../pipeline/pipeline.ts';
import { type Saved, type SavedReader, saveArray, saveMatrix } from '../../../serialize.ts';
import { withoutMinusZero } from '../../../vectors.ts';
import type { Views } from '../../../views.ts';
import { scoreInBlocks } from './blocks.ts';

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
  /** The outlier score of each row, which must not depend on the rows beside it; larger is further out. */
  readonly score: (parts: Parts, input: Views) => Float64Array;
  /** For those that find more than scores. */
  readonly examine?: (parts: Parts, input: Views) => Examination;
  /** For those whose `examine` tells the nearest class: the labels that it may name. */
  readonly classes?: (parts: Parts) => Int32Array | undefined;
  /** For those that can score in workers, with the bits of `score`. */
  readonly scoreAsync?: (parts: Parts, input: Views, control: BatchControl) => Promise<Float64Array>;
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
  readonly score: (input: Views) => Float64Array;
  readonly examine: ((input: Views) => Examination) | undefined;
  readonly scoreAsync: ((input: Views, control: BatchControl) => Promise<Float64Array>) | undefined;
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

  /**
   * The detector of this kind with copies of these parts: for factories, Cauda's and your own.
   * @throws TypeError for a part that is called as a field of the file is
   */
  static of<Parts extends object>(kind: DetectorKind<Parts>, given: Parts): Detector {
    const taken = ['format', 'version', 'detector'].find((name) => Object.hasOwn(given, name));
    if (taken)
      throw new TypeError(
        `Detector.of: a part of ${describe(kind.name)} is called ${describe(taken)}, as a field of every saved detector; give it another name`,
      );
    const parts = Object.freeze(
      Object.fromEntries(Object.entries(given).map(([name, part]) => [name, copied(part)])),
    ) as Parts;
    return new Detector(kind.name, parts, asksOf(kind, parts));
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
    return withoutMinusZero(this.#asks.score(input));
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
    if (this.#asks.scoreAsync)
      return withoutMinusZero(await this.#asks.scoreAsync(input, { signal, workers, onProgress }));
    return scoreInBlocks(who, input, { signal, onProgress }, (rows) => this.score(rows));
  }

  /**
   * The scores and where they come from: for detectors that know classes the nearest one, for combinations the parts.
   * @throws TypeError or RangeError as `score`
   */
  examine(input: Views): Examination {
    const found = this.#asks.examine?.(input) ?? { scores: this.#asks.score(input) };
    return { ...found, scores: withoutMinusZero(found.scores) };
  }

  /** The detector as plain data; `detectorFromJSON` gives one with the same bits. */
  toJSON(): SavedDetector {
    const parts = Object.entries(this.#parts).map(([name, part]) => [name, plain(part)]);
    return { format: 'cauda.detector', version: 2, detector: this.name, ...Object.fromEntries(parts) };
  }
}

/** Numbers that no caller can change; −0 becomes 0. */
function copied(part: unknown): unknown {
  if (part instanceof Matrix) return new Matrix(withoutMinusZero(part.data), part.rows, part.cols);
  if (part instanceof Float64Array) return withoutMinusZero(part);
  return part;
}

/** What `toJSON` writes of a part: arrays packed, models as they save themselves. */
function plain(part: unknown): unknown {
  if (part instanceof Matrix) return saveMatrix(part);
  if (part instanceof Float64Array) return saveArray(part);
  if (Array.isArray(part)) return part.map(plain);
  if (typeof part !== 'object' || part === null) return part;
  if ('toJSON' in part) return (part.toJSON as () => unknown)();
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, plain(value)]));
}
