import { checkOptions, describe } from '../../check.ts';
import { type BatchControl, checkBatchControl, reportTo } from '../../parallel/batchControl.ts';
import { argmax } from '../../vectors.ts';
import type { Network, Views } from '../../views.ts';
import { inBlocks } from '../detectors/base/blocks.ts';
import type { Detector } from '../detectors/base/detector.ts';
import type { MatrixViews } from '../detectors/base/matrixViews.ts';
import {
  type CalibrateOptions,
  type Calibration,
  calibrateRules,
  calibrationOf,
} from '../guarantees/calibrateScores.ts';
import {
  calibrated,
  checkDigest,
  type GuardInput,
  type Provenance,
  type RecalibrateOptions,
} from './calibrated.ts';
import { checkWidths, givenViews, refusal, type ViewWidths } from './givenViews.ts';
import { type SavedGuard, seal } from './guardFile.ts';
import { networkViews } from './networkViews.ts';
import { type GuardRow, type Verdict, viewsOfRow } from './verdict.ts';

/** What a guard is made of. */
export interface GuardParts {
  readonly detector: Detector;
  readonly calibration: Calibration;
  readonly network: Network | undefined;
  readonly networkDigest: string | undefined;
  /** The network as plain data, where it was read from a file and nobody knows how to make a network of it. */
  readonly unreadNetwork: unknown;
  readonly widths: ViewWidths;
  readonly labelNames: readonly string[] | undefined;
  readonly provenance: Provenance;
}

/**
 * A detector with a threshold that keeps a promise: frozen, one file to ship. Made by `calibrate` or `loadGuard`.
 *
 * It looks at views, what a network makes of inputs. Where it holds the network, `checkInputs` looks at inputs. It
 * remembers the network's digest in any case, and refuses views that say another.
 */
export class Guard {
  readonly detector: Detector;
  readonly calibration: Calibration;
  /** The network that it stands before, if it holds one. */
  readonly network: Network | undefined;
  /** The digest of the network that it was calibrated for, where that is known. */
  readonly networkDigest: string | undefined;
  /** How wide the views were that it was calibrated on; others are refused. */
  readonly widths: ViewWidths;
  readonly labelNames: readonly string[] | undefined;
  readonly provenance: Provenance;
  readonly #unreadNetwork: unknown;

  /** Takes the parts as they are; for `calibrate` and `loadGuard`. */
  constructor(parts: GuardParts) {
    this.detector = parts.detector;
    this.calibration = parts.calibration;
    this.network = parts.network;
    this.networkDigest = parts.networkDigest;
    this.widths = parts.widths;
    this.labelNames = parts.labelNames;
    this.provenance = parts.provenance;
    this.#unreadNetwork = parts.unreadNetwork;
    Object.freeze(this);
  }

  /**
   * What the guard says of one row.
   *
   *     guard.check({ layers: [firstHidden, penultimate], logits })
   * @throws TypeError if what the detector needs is missing, RangeError if a view has another width than those that the
   *   guard was calibrated on, is not finite or comes from another network
   */
  check(row: GuardRow): Verdict {
    const who = 'Guard.check';
    return this.#verdicts(who, this.#given(who, viewsOfRow(who, row)))[0]!;
  }

  /**
   * `check` for many rows at once.
   * @throws TypeError or RangeError as `check`
   */
  checkAll(views: Views): Verdict[] {
    return this.#verdicts('Guard.checkAll', this.#given('Guard.checkAll', views));
  }

  /**
   * `checkAll` in blocks of rows, with the same bits: timers are served and `signal` is heard while it works.
   * @throws TypeError or RangeError as `check`; the signal's reason when aborted
   */
  async checkAllAsync(views: Views, control: BatchControl = {}): Promise<Verdict[]> {
    const who = 'Guard.checkAllAsync';
    const { signal, onProgress } = checkBatchControl(who, control);
    return this.#verdictsAsync(who, this.#given(who, views), signal, reportTo(onProgress, who));
  }

  /**
   * What the guard says of inputs, through the network that it holds.
   *
   *     await guard.checkInputs(pixels)
   * @param inputs what the network takes: it gets them as they are, or in blocks of rows if it says that it takes rows
   * @returns a verdict an input
   * @throws TypeError if the guard holds no network, RangeError if the network makes more or fewer rows than there are
   *   inputs, or other views than those that the guard was calibrated on; whatever the network throws; the signal's reason
   *   when aborted
   */
  async checkInputs(inputs: unknown, control: BatchControl = {}): Promise<Verdict[]> {
    const who = 'Guard.checkInputs';
    const { signal, onProgress } = checkBatchControl(who, control);
    const network = this.#networkFor(who);
    const report = reportTo(onProgress, who);
    const verdicts: Verdict[] = [];
    for await (const part of networkViews(who, network, inputs, signal)) {
      const views = this.#given(who, part.views, part.inputs);
      for (const verdict of await this.#verdictsAsync(who, views, signal)) verdicts.push(verdict);
      report(verdicts.length, part.allInputs ?? verdicts.length);
    }
    return verdicts;
  }

  /**
   * The outlier scores of rows, as the detector gives them.
   * @returns length nSamples
   * @throws TypeError or RangeError as `check`
   */
  score(views: Views): Float64Array {
    const who = 'Guard.score';
    const given = this.#given(who, views);
    return asked(who, given, () => this.detector.score(given));
  }

  /**
   * `score` for many rows, as `Detector.scoreAsync` has it.
   * @returns length nSamples
   * @throws TypeError or RangeError as `check`; the signal's reason when aborted
   */
  async scoreAsync(views: Views, control: BatchControl = {}): Promise<Float64Array> {
    const who = 'Guard.scoreAsync';
    const checked = checkBatchControl(who, control);
    const given = this.#given(who, views);
    try {
      return await this.detector.scoreAsync(given, checked);
    } catch (error) {
      throw refusal(who, given, error);
    }
  }

  /**
   * The guard with another promise, from the same calibration scores: nothing is scored again. As with any promise,
   * choose it before looking at what it flags.
   * @param options `confidence` defaults to that of the present promise
   * @throws RangeError if the calibration scores are too few for it, saying how many it takes
   */
  withAlpha(alpha: number, options: Pick<CalibrateOptions, 'confidence'> = {}): Guard {
    const who = 'Guard.withAlpha';
    const rules = { confidence: calibrateRules.confidence };
    const { confidence } = checkOptions(who, options, rules, { confidence: this.calibration.confidence });
    return this.#with({ calibration: calibrationOf(who, this.calibration.scores, { alpha, confidence }) });
  }

  /**
   * The guard calibrated anew, for rows that have changed: the detector stays as it was fitted.
   * @param heldOut familiar rows, as for `calibrate`; a guard with a network takes { inputs } too
   * @param options `alpha`, `confidence`, `labelNames` and `notes` default to the present ones
   * @throws TypeError or RangeError as `calibrate`; the signal's reason when aborted
   */
  async recalibrate(heldOut: GuardInput, options: RecalibrateOptions = {}): Promise<Guard> {
    const who = 'Guard.recalibrate';
    if (heldOut?.inputs !== undefined) this.#networkFor(who);
    if (Object.hasOwn(options ?? {}, 'network'))
      throw new TypeError(
        `${who}: unknown option "network"; the guard keeps its own, or gets one by the option network of loadGuard`,
      );
    const { alpha, confidence } = this.calibration;
    const { labelNames = this.labelNames, notes = this.provenance.notes, ...others } = options;
    const given = { alpha, confidence, notes, ...others, ...(labelNames && { labelNames }) };
    const parts = await calibrated(who, this, heldOut, given);
    return this.#with(parts);
  }

  /** The guard as plain data, for `JSON.stringify`; `loadGuard` gives one with the same bits. */
  toJSON(): SavedGuard {
    const { detector, calibration, networkDigest = null, widths, labelNames = null, provenance } = this;
    const network = this.network?.toJSON?.() ?? this.#unreadNetwork ?? null;
    return seal({ detector, calibration, network, networkDigest, widths, labelNames, provenance });
  }

  #with(parts: Partial<GuardParts>): Guard {
    return new Guard({ ...this, unreadNetwork: this.#unreadNetwork, ...parts });
  }

  #networkFor(who: string): Network {
    if (this.network) return this.network;
    const { format } = (this.#unreadNetwork ?? {}) as { format?: unknown };
    throw new TypeError(
      format === undefined
        ? `${who}: this guard holds no network for inputs; give one to loadGuard as the option network, or check what your network makes of them with checkAll({ layers, logits })`
        : `${who}: the guard's file carries a network saved as ${describe(format)}; give loadGuard its reader as the option networks, such as { networks: [MlpClassifier] }`,
    );
  }

  /** Views that may be asked about: matrices of the right rows and widths, of the right network. */
  #given(who: string, views: Views, inputs?: number): MatrixViews {
    const given = givenViews(who, views, inputs);
    checkDigest(who, this.networkDigest, given.views.digest, 'these views come');
    checkWidths(who, this.widths, given);
    return given.views;
  }

  #verdicts(who: string, views: MatrixViews): Verdict[] {
    return asked(who, views, () => this.#verdictsOf(views));
  }

  async #verdictsAsync(
    who: string,
    views: MatrixViews,
    signal: AbortSignal | undefined,
    report?: (done: number, rows: number) => void,
  ): Promise<Verdict[]> {
    try {
      const ask = (rows: Views): Verdict[] => this.#verdictsOf(rows as MatrixViews); // blocks of matrices
      return (await inBlocks(views, signal, ask, report)).flat();
    } catch (error) {
      throw refusal(who, views, error);
    }
  }

  #verdictsOf(views: MatrixViews): Verdict[] {
    const { scores, nearest, parts } = this.detector.examine(views);
    const { logits } = views;
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
}

/** @throws what `ask` throws, in the words of the caller's function */
function asked<Answer>(who: string, views: MatrixViews, ask: () => Answer): Answer {
  try {
    return ask();
  } catch (error) {
    throw refusal(who, views, error);
  }
}
