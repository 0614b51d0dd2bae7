import { checkOptions, controlRules, describe, shaped } from '../../check.ts';
import { sha256Of } from '../../digest.ts';
import { Matrix } from '../../matrix.ts';
import type { FitControl } from '../../parallel/session.ts';
import { version } from '../../version.ts';
import type { Network, Views } from '../../views.ts';
import type { Detector } from '../detectors/base/detector.ts';
import { isFeatureMap } from '../detectors/base/featureMaps.ts';
import { type MatrixViews, namedViews } from '../detectors/base/matrixViews.ts';
import {
  type CalibrateOptions,
  type Calibration,
  calibrateRules,
  calibrationOf,
} from '../guarantees/calibrateScores.ts';
import { checkWidths, givenViews, refusal, type ViewWidths } from './givenViews.ts';
import { type NetworkViews, networkViews, rowsFor } from './networkViews.ts';

/** Rows to calibrate on: what the detector reads, or the inputs of the guard's network. */
export interface GuardInput extends Views {
  /** What the network takes, which gets it as it is, or in blocks of rows if it says that it takes rows. */
  readonly inputs?: unknown;
}

/** Where a guard comes from. */
export interface Provenance {
  /** The version of Cauda that calibrated it. */
  readonly cauda: string;
  readonly calibrationRows: number;
  /**
   * SHA-256 of the held-out rows' values, array after array, as little-endian numbers of their type: of the inputs if
   * they went to a network that takes rows, else of the views.
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
  readonly widths: ViewWidths;
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
  if (typeof heldOut !== 'object' || heldOut === null || Array.isArray(heldOut) || heldOut instanceof Matrix)
    throw new TypeError(
      `${who}: expected held-out rows as { layers, logits } or { features }; got ${describe(heldOut)}; give { logits } for logits`,
    );
  const { inputs, ...views } = heldOut;
  if (inputs !== undefined && !network)
    throw new TypeError(`${who}: inputs need the option network, which makes activations of them`);
  const rows = inputs === undefined ? undefined : rowsFor(who, network!, inputs);
  const given = { views, inputs: undefined, allInputs: undefined };
  const scores: number[] = [];
  const seen: MatrixViews[] = []; // none where the inputs themselves are digested
  let widths: ViewWidths | undefined;
  const parts: Iterable<NetworkViews> | AsyncIterable<NetworkViews> =
    inputs === undefined ? [given] : networkViews(who, network!, inputs, signal);
  for await (const part of parts) {
    const one = givenViews(who, part.views, part.inputs);
    checkDigest(who, networkDigest, one.views.digest, 'the held-out views come');
    if (widths) checkWidths(who, widths, one);
    widths ??= one.widths;
    checkNames(who, labelNames, detector, widths);
    const found = detector.scoreAsync(one.views, { workers, signal, onProgress });
    const settled = await found.catch((error: unknown) => {
      throw refusal(who, one.views, error);
    });
    for (const score of settled) scores.push(score);
    if (!rows) seen.push(one.views);
  }
  return {
    calibration: calibrationOf(who, scores, { alpha, confidence }),
    networkDigest: networkDigest ?? views.digest,
    widths: widths ?? {},
    labelNames: labelNames && Object.freeze([...labelNames]),
    provenance: Object.freeze({
      cauda: version,
      calibrationRows: scores.length,
      calibrationDigest: sha256Of(rows ? [rows.data] : seen.flatMap(valuesOf)),
      notes: Object.freeze({ ...notes }),
    }),
  };
}

/** @throws RangeError if a label that the guard may name has no name */
function checkNames(
  who: string,
  names: readonly string[] | undefined,
  { classes, name }: Detector,
  { logits }: ViewWidths,
): void {
  const labels = classes ?? (logits === undefined ? [] : Array.from({ length: logits }, (_, label) => label));
  if (!names || labels.every((label) => label >= 0 && label < names.length)) return;
  const whose = classes ? `${name} knows the labels` : 'logits have columns for the labels';
  const listed = `${labels.slice(0, 10).join(', ')}${labels.length > 10 ? ', …' : ''}`;
  throw new RangeError(
    `${who}: labelNames[label] must name every label: there are ${names.length} names, but ${whose} ${listed}; give more names, or number the classes from 0`,
  );
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
function valuesOf(views: MatrixViews): ArrayBufferView[] {
  return namedViews(views).map(({ view }) => {
    if (!isFeatureMap(view)) return view.data;
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
