import { checkOptions, controlRules, shaped } from '../../check.ts';
import { sha256Of } from '../../digest.ts';
import { Matrix } from '../../matrix.ts';
import type { FitControl } from '../../parallel/session.ts';
import { version } from '../../version.ts';
import type { Network, Views } from '../../views.ts';
import type { Detector } from '../detectors/base/detector.ts';
import { isFeatureMap } from '../detectors/base/featureMaps.ts';
import {
  type CalibrateOptions,
  type Calibration,
  calibrateRules,
  calibrationOf,
} from '../guarantees/calibrateScores.ts';
import { matrixOf, networkViews } from './networkViews.ts';

/** Rows to calibrate on: what the detector reads, or the inputs of the guard's network. */
export interface GuardInput extends Views {
  /** What the network takes, such as a matrix of rows that are like those that it was trained on. */
  readonly inputs?: unknown;
}

/** Where a guard comes from. */
export interface Provenance {
  /** The version of Cauda that calibrated it. */
  readonly cauda: string;
  readonly calibrationRows: number;
  /**
   * SHA-256 of the held-out rows' values, array after array, as little-endian numbers of their type: of the inputs if
   * they were a matrix, else of the views.
   */
  readonly calibrationDigest: string;
  /** What else its maker wants to be known. */
  readonly notes: Readonly<Record<string, string | number | boolean>>;
}

export interface GuardOptions extends CalibrateOptions, FitControl {
  /** The network whose activations the detector reads: `checkInputs` then takes its inputs. */
  network?: Network;
  /** What the labels 0, 1, … are called. */
  labelNames?: readonly string[];
  /** Kept with the guard: names of data sets, options of the training, licenses … */
  notes?: Readonly<Record<string, string | number | boolean>>;
}

/** What may differ in a guard that is calibrated anew; what is left out stays as it was. */
export type RecalibrateOptions = Omit<GuardOptions, 'alpha' | 'network'> & { alpha?: number };

/** What is to be calibrated. */
interface Uncalibrated {
  readonly detector: Detector;
  readonly network: Network | undefined;
  readonly networkDigest: string | undefined;
}

/** What calibrating makes anew in a guard. */
interface Calibrated {
  readonly calibration: Calibration;
  readonly networkDigest: string | undefined;
  readonly labelNames: readonly string[] | undefined;
  readonly provenance: Provenance;
}

/**
 * Scores held-out rows and calibrates by them.
 * @param who the function the caller called; it begins every message
 * @throws TypeError or RangeError for rows and options that make no sense, or rows too few for the promise; the signal's
 *   reason when aborted
 */
export async function calibrated(
  who: string,
  { detector, network, networkDigest }: Uncalibrated,
  heldOut: GuardInput,
  options: GuardOptions,
): Promise<Calibrated> {
  const checked = checkOptions(who, options, rules, { notes: {}, confidence: 0.95 });
  const { labelNames, notes, alpha, confidence, workers, signal, onProgress } = checked;
  const { inputs, ...views } = heldOut ?? {};
  if (inputs !== undefined && !network)
    throw new TypeError(`${who}: inputs need the option network, which makes activations of them`);
  const matrix = matrixOf(inputs);
  const scores: number[] = [];
  const seen: Views[] = []; // none where the inputs themselves are digested
  const parts = inputs === undefined ? [views] : networkViews(network!, inputs, signal);
  for await (const part of parts) {
    checkDigest(who, networkDigest, part.digest, 'the held-out views come');
    for (const score of await detector.scoreAsync(part, { workers, signal, onProgress })) scores.push(score);
    if (!matrix) seen.push(part);
  }
  return {
    calibration: calibrationOf(who, scores, { alpha, confidence }),
    networkDigest: networkDigest ?? views.digest,
    labelNames: labelNames && Object.freeze([...labelNames]),
    provenance: Object.freeze({
      cauda: version,
      calibrationRows: scores.length,
      calibrationDigest: sha256Of(matrix ? [matrix.data] : seen.flatMap(valuesOf)),
      notes: Object.freeze({ ...notes }),
    }),
  };
}

/**
 * Checks that what comes from a network comes from the guard's.
 * @throws RangeError if both digests are known and differ
 */
export function checkDigest(
  who: string,
  own: string | undefined,
  given: string | undefined,
  what: string,
): void {
  if (own === undefined || given === undefined || own === given) return;
  const short = (digest: string): string => (digest.length > 12 ? `${digest.slice(0, 12)}…` : digest);
  throw new RangeError(
    `${who}: ${what} from the network ${short(given)}, but this guard is for the network ${short(own)}; use that one, or fit a guard for the other`,
  );
}

/** The arrays of all views, in the order of their names. */
function valuesOf({ features, layers, logits }: Views): ArrayBufferView[] {
  return [features, ...(layers ?? []), logits]
    .filter((view) => view !== undefined)
    .map((view) => {
      if (!isFeatureMap(view)) return Matrix.from(view).data;
      return ArrayBuffer.isView(view.data) ? view.data : Float64Array.from(view.data as readonly number[]);
    });
}

/** Whether these may be names of labels. */
export const isNames = (names: unknown): boolean =>
  Array.isArray(names) && names.every((name) => typeof name === 'string');
/** Whether these may be notes. */
export const isNotes = (notes: unknown): boolean =>
  typeof notes === 'object' &&
  notes !== null &&
  Object.values(notes).every((note) => ['string', 'number', 'boolean'].includes(typeof note));
/** Whether this is a network. */
export const isNetwork = (network: unknown): boolean => {
  const { digest, views } = (network ?? {}) as Partial<Network>;
  return typeof digest === 'string' && typeof views === 'function';
};

const rules = {
  ...controlRules,
  ...calibrateRules,
  network: shaped('a network, { digest, views(inputs) }, such as an MlpClassifier', isNetwork),
  labelNames: shaped('an array of strings', isNames),
  notes: shaped('an object of strings, numbers and booleans', isNotes),
};
