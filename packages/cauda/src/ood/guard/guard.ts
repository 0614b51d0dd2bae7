import { checkOptions, controlRules, describe, shaped } from '../../check.ts';
import { sha256 } from '../../digest.ts';
import { Matrix, type MatrixLike, type NumericArray } from '../../matrix.ts';
import { MlpClassifier } from '../../nn/model.ts';
import type { FitControl } from '../../parallel/session.ts';
import { FieldReader } from '../../serialize.ts';
import { version } from '../../version.ts';
import { Detector } from '../detectors/base/detector.ts';
import type { DetectorInput } from '../detectors/base/input.ts';
import { argmax } from '../detectors/vectors.ts';
import {
  type CalibrateOptions,
  Calibration,
  calibrateRules,
  calibrateScores,
} from '../guarantees/calibrateScores.ts';
import { detectorFromJSON } from './detectorFromJSON.ts';
import { type SavedGuard, seal, unseal } from './guardFile.ts';

/** Rows for a guard: what its detector reads, or the inputs of the network that it holds. */
export interface GuardInput extends DetectorInput {
  /** Rows as the guard's network was trained on (nSamples × its features). */
  readonly inputs?: MatrixLike;
}

/** One row for a guard. */
export interface GuardRow {
  readonly inputs?: NumericArray;
  readonly features?: NumericArray;
  readonly logits?: NumericArray;
  readonly layers?: readonly NumericArray[];
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

/** Where a guard comes from. */
export interface Provenance {
  /** The version of Cauda that calibrated it. */
  readonly cauda: string;
  readonly calibrationRows: number;
  /** SHA-256 of the held-out rows' values, matrix after matrix, as little-endian floats of their precision. */
  readonly calibrationDigest: string;
  /** What else its maker wants to be known. */
  readonly notes: Readonly<Record<string, string | number | boolean>>;
}

export interface GuardOptions extends CalibrateOptions, FitControl {
  /** The network whose activations the detector reads: the guard then takes its inputs. */
  network?: MlpClassifier;
  /** What the labels 0, 1, … are called. */
  labelNames?: readonly string[];
  /** Kept with the guard: names of data sets, options of the training, licenses … */
  notes?: Readonly<Record<string, string | number | boolean>>;
}

/** A detector with a threshold that keeps a promise: frozen, one file to ship. Made by `calibrate` or `loadGuard`. */
export class Guard {
  readonly detector: Detector;
  readonly calibration: Calibration;
  readonly network: MlpClassifier | undefined;
  readonly labelNames: readonly string[] | undefined;
  readonly provenance: Provenance;

  /** Takes the parts as they are; for `calibrate` and `loadGuard`. */
  constructor(parts: Pick<Guard, 'detector' | 'calibration' | 'network' | 'labelNames' | 'provenance'>) {
    this.detector = parts.detector;
    this.calibration = parts.calibration;
    this.network = parts.network;
    this.labelNames = parts.labelNames;
    this.provenance = parts.provenance;
    Object.freeze(this);
  }

  /**
   * What the guard says of one row.
   *
   *     guard.check({ layers: [firstHidden, penultimate], logits })
   *     guard.check({ inputs: pixels })                            // with a network
   * @throws TypeError if what the detector needs is missing, RangeError if it has not the fitted width or is not finite
   */
  check(row: GuardRow): Verdict {
    const { inputs, features, logits, layers } = checkRow(row);
    return this.checkAll({
      ...(inputs && { inputs: oneRow('inputs', inputs) }),
      ...(features && { features: oneRow('features', features) }),
      ...(logits && { logits: oneRow('logits', logits) }),
      ...(layers && { layers: layers.map((layer, l) => oneRow(`layers[${l}]`, layer)) }),
    })[0]!;
  }

  /** `check` for many rows at once. */
  checkAll(rows: GuardInput): Verdict[] {
    const input = this.#views(rows);
    const { scores, nearest, parts } = this.detector.examine(input);
    const logits = nearest
      ? undefined
      : input.logits && Matrix.from(input.logits, { who: 'Guard.check: logits' });
    const whole = [{ detector: this.detector.name, layer: undefined, scores }];
    return Array.from(scores, (score, i) => {
      const label = nearest ? nearest[i] : logits && argmax(logits.row(i));
      return {
        score,
        pValue: this.calibration.pValue(score),
        inDistribution: this.calibration.inDistribution(score),
        nearestClass: label === undefined ? undefined : (this.labelNames?.[label] ?? label),
        perLayer: (parts ?? whole).map(({ detector, layer, scores }) => ({
          detector,
          layer,
          score: scores[i]!,
        })),
      };
    });
  }

  /** The outlier scores of rows (length nSamples), as the detector gives them. */
  score(rows: GuardInput): Float64Array {
    return this.detector.score(this.#views(rows));
  }

  /** The guard as plain data, for `JSON.stringify`; `loadGuard` gives one with the same bits. */
  toJSON(): SavedGuard {
    const { detector, calibration, network = null, labelNames = null, provenance } = this;
    return seal({ detector, calibration, network, labelNames, provenance });
  }

  /** What the network makes of inputs, if there are any. */
  #views(rows: GuardInput): DetectorInput {
    const { inputs, ...input } = rows ?? {};
    if (inputs === undefined) return input;
    if (!this.network)
      throw new TypeError(
        'Guard.check: this guard holds no network for inputs; give what its detector reads, such as { layers, logits }',
      );
    return viewsOf(this.network, inputs);
  }
}

/** What a network makes of its inputs. */
export interface NetworkViews extends DetectorInput {
  readonly layers: readonly Matrix[];
  readonly features: Matrix;
  readonly logits: Matrix;
}

/**
 * What a network's detectors read of its inputs: `layers` before their ReLU, `features`, the last hidden layer after its
 * ReLU, and `logits`.
 */
export function viewsOf(network: MlpClassifier, inputs: MatrixLike): NetworkViews {
  const { before, after } = network.activations(inputs);
  return { layers: before.slice(0, -1), features: after.at(-2) ?? before[0]!, logits: before.at(-1)! };
}

/**
 * A detector's guard: false alarms at most `alpha` with `confidence`, by the scores of rows that neither the network nor
 * the detector was fitted on (`calibrateScores` has the formula).
 *
 *     const guard = await calibrate(await autoGuard(training), { layers, logits }, { alpha: 0.05 });
 *     guard.check({ layers, logits }).inDistribution
 *     writeFileSync('guard.json', JSON.stringify(guard));
 * @param heldOut familiar rows, as the detector reads them, or as { inputs } with a network; independent of each other
 * @throws RangeError if they are too few for the promise, saying how many it takes; TypeError or RangeError for options
 *   and rows that make no sense; the signal's reason when aborted
 */
export async function calibrate(
  detector: Detector,
  heldOut: GuardInput,
  options: GuardOptions,
): Promise<Guard> {
  if (!(detector instanceof Detector))
    throw new TypeError(
      `calibrate: expected a detector, { … } and options; got ${describe(detector)}; for scores use calibrateScores`,
    );
  const { network, labelNames, notes, alpha, confidence, workers, signal, onProgress } = checkOptions(
    'calibrate',
    options,
    rules,
    { notes: {} },
  );
  const { inputs, ...input } = heldOut ?? {};
  const views = inputs !== undefined && network ? viewsOf(network, inputs) : input;
  if (inputs !== undefined && !network)
    throw new TypeError('calibrate: inputs need the option network, which makes activations of them');
  const scores = await detector.scoreAsync(views, { workers, signal, onProgress });
  return new Guard({
    detector,
    calibration: calibrateScores(scores, { alpha, confidence }),
    network,
    labelNames: labelNames && Object.freeze([...labelNames]),
    provenance: Object.freeze({
      cauda: version,
      calibrationRows: scores.length,
      calibrationDigest: digestOf(heldOut),
      notes: Object.freeze({ ...notes }),
    }),
  });
}

/**
 * The guard that was saved as JSON, with the same bits. Its checksum and every field are checked; nothing in it is run.
 * @param source the file's bytes or text, or what `JSON.parse` made of it
 * @throws TypeError or RangeError with the reason for a file that is cut off, edited, of a newer version, or no guard
 */
export function loadGuard(source: string | Uint8Array | ArrayBuffer | object): Guard {
  const who = 'loadGuard';
  const saved = new FieldReader(who, unseal(who, source));
  const network = saved.field('network');
  const names = saved.field('labelNames');
  if (names !== null && !isNames(names)) saved.fail('labelNames', 'null or an array of strings');
  return new Guard({
    detector: detectorFromJSON(saved.field('detector')),
    calibration: Calibration.fromJSON(saved.field('calibration')),
    network: network === null ? undefined : MlpClassifier.fromJSON(network),
    labelNames: names === null ? undefined : Object.freeze([...(names as string[])]),
    provenance: readProvenance(new FieldReader(`${who}: provenance`, saved.field('provenance'))),
  });
}

const isNames = (names: unknown): boolean =>
  Array.isArray(names) && names.every((name) => typeof name === 'string');
const isNotes = (notes: unknown): boolean =>
  typeof notes === 'object' &&
  notes !== null &&
  Object.values(notes).every((note) => ['string', 'number', 'boolean'].includes(typeof note));

const rules = {
  ...controlRules,
  ...calibrateRules,
  network: shaped('an MlpClassifier', (value) => value instanceof MlpClassifier),
  labelNames: shaped('an array of strings', isNames),
  notes: shaped('an object of strings, numbers and booleans', isNotes),
};

function readProvenance(saved: FieldReader): Provenance {
  const text = (name: 'cauda' | 'calibrationDigest'): string => {
    const value = saved.field(name);
    if (typeof value !== 'string') saved.fail(name, 'a string');
    return value as string;
  };
  const notes = saved.field('notes');
  if (!isNotes(notes)) saved.fail('notes', 'an object of strings, numbers and booleans');
  return Object.freeze({
    cauda: text('cauda'),
    calibrationRows: saved.number('calibrationRows', 1, Infinity, true),
    calibrationDigest: text('calibrationDigest'),
    notes: Object.freeze({ ...(notes as Provenance['notes']) }),
  });
}

function checkRow(row: GuardRow): GuardRow {
  if (typeof row !== 'object' || row === null || Array.isArray(row) || ArrayBuffer.isView(row))
    throw new TypeError(
      `Guard.check: expected one row as { layers, logits }, { features } or { inputs }; got ${describe(row)}`,
    );
  if (row.layers !== undefined && !Array.isArray(row.layers))
    throw new TypeError(
      `Guard.check: layers must be an array of one row a layer; got ${describe(row.layers)}`,
    );
  return row;
}

function oneRow(name: string, values: NumericArray): Matrix {
  return Matrix.from({ data: values, shape: [1, values.length] }, { who: `Guard.check: ${name}` });
}

/** The digest of all matrices of the input, in the order of their names. */
function digestOf({ features, inputs, layers, logits }: GuardInput): string {
  const given = [features, inputs, ...(layers ?? []), logits].filter((part) => part !== undefined);
  const parts = given.map((part) => {
    const { data } = Matrix.from(part);
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  });
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return sha256(all);
}
