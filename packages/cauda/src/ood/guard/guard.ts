import { describe } from '../../check.ts';
import { Matrix } from '../../matrix.ts';
import { type BatchControl, checkBatchControl } from '../../parallel/batchControl.ts';
import { argmax } from '../../vectors.ts';
import type { Network, Views } from '../../views.ts';
import { inBlocks } from '../detectors/base/blocks.ts';
import type { Detector } from '../detectors/base/detector.ts';
import { reportTo } from '../detectors/base/reportTo.ts';
import { type Calibration, calibrationOf } from '../guarantees/calibrateScores.ts';
import {
  calibrated,
  checkDigest,
  type GuardInput,
  type Provenance,
  type RecalibrateOptions,
} from './calibrated.ts';
import { type SavedGuard, seal } from './guardFile.ts';
import { matrixOf, networkViews } from './networkViews.ts';
import { type GuardRow, type Verdict, viewsOfRow } from './verdict.ts';

/** What a guard is made of. */
export interface GuardParts {
  readonly detector: Detector;
  readonly calibration: Calibration;
  readonly network: Network | undefined;
  readonly networkDigest: string | undefined;
  /** The network as plain data, where it was read from a file and nobody knows how to make a network of it. */
  readonly unreadNetwork: unknown;
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
  readonly labelNames: readonly string[] | undefined;
  readonly provenance: Provenance;
  readonly #unreadNetwork: unknown;

  /** Takes the parts as they are; for `calibrate` and `loadGuard`. */
  constructor(parts: GuardParts) {
    this.detector = parts.detector;
    this.calibration = parts.calibration;
    this.network = parts.network;
    this.networkDigest = parts.networkDigest;
    this.labelNames = parts.labelNames;
    this.provenance = parts.provenance;
    this.#unreadNetwork = parts.unreadNetwork;
    Object.freeze(this);
  }

  /**
   * What the guard says of one row.
   *
   *     guard.check({ layers: [firstHidden, penultimate], logits })
   * @throws TypeError if what the detector needs is missing, RangeError if it has not the fitted width, is not finite or
   *   comes from another network
   */
  check(row: GuardRow): Verdict {
    return this.#verdicts('Guard.check', viewsOfRow('Guard.check', row))[0]!;
  }

  /**
   * `check` for many rows at once.
   * @throws TypeError or RangeError as `check`
   */
  checkAll(views: Views): Verdict[] {
    return this.#verdicts('Guard.checkAll', views);
  }

  /**
   * `checkAll` in blocks of rows, with the same bits: timers are served and `signal` is heard while it works.
   * @throws TypeError or RangeError as `check`; the signal's reason when aborted
   */
  async checkAllAsync(views: Views, control: BatchControl = {}): Promise<Verdict[]> {
    const who = 'Guard.checkAllAsync';
    const { signal, onProgress } = checkBatchControl(who, control);
    const ask = (rows: Views): Verdict[] => this.#verdicts(who, rows);
    return (await inBlocks(views, signal, ask, reportTo(onProgress, who))).flat();
  }

  /**
   * What the guard says of inputs, through the network that it holds.
   *
   *     await guard.checkInputs(pixels)
   * @param inputs what the network takes; a matrix of inputs goes through it in blocks of rows
   * @throws TypeError if the guard holds no network; whatever the network throws; the signal's reason when aborted
   */
  async checkInputs(inputs: unknown, control: BatchControl = {}): Promise<Verdict[]> {
    const who = 'Guard.checkInputs';
    const { signal, onProgress } = checkBatchControl(who, control);
    const network = this.#networkFor(who);
    const rows = matrixOf(inputs)?.rows;
    const report = reportTo(onProgress, who);
    const verdicts: Verdict[] = [];
    for await (const views of networkViews(network, inputs, signal)) {
      for (const verdict of await this.checkAllAsync(views, { signal })) verdicts.push(verdict);
      report(verdicts.length, rows ?? verdicts.length);
    }
    return verdicts;
  }

  /**
   * The outlier scores of rows, as the detector gives them.
   * @returns length nSamples
   * @throws TypeError or RangeError as `check`
   */
  score(views: Views): Float64Array {
    this.#checkDigest('Guard.score', views);
    return this.detector.score(views);
  }

  /**
   * `score` for many rows, as `Detector.scoreAsync` has it.
   * @returns length nSamples
   * @throws TypeError or RangeError as `check`; the signal's reason when aborted
   */
  async scoreAsync(views: Views, control: BatchControl = {}): Promise<Float64Array> {
    this.#checkDigest('Guard.scoreAsync', views);
    return this.detector.scoreAsync(views, control);
  }

  /**
   * The guard with another promise, from the same calibration scores: nothing is scored again. As with any promise,
   * choose it before looking at what it flags.
   * @param confidence defaults to that of the present promise
   * @throws RangeError if the calibration scores are too few for it, saying how many it takes
   */
  withAlpha(alpha: number, confidence: number = this.calibration.confidence): Guard {
    const promise = { alpha, confidence };
    return this.#with({ calibration: calibrationOf('Guard.withAlpha', this.calibration.scores, promise) });
  }

  /**
   * The guard calibrated anew, for rows that have changed: the detector stays as it was fitted.
   * @param heldOut familiar rows, as for `calibrate`; a guard with a network takes { inputs } too
   * @param options `alpha`, `confidence`, `labelNames` and `notes` default to the present ones
   * @throws TypeError or RangeError as `calibrate`; the signal's reason when aborted
   */
  async recalibrate(heldOut: GuardInput, options: RecalibrateOptions = {}): Promise<Guard> {
    const { alpha, confidence } = this.calibration;
    const { labelNames = this.labelNames, notes = this.provenance.notes, ...others } = options;
    const given = { alpha, confidence, notes, ...others, ...(labelNames && { labelNames }) };
    const parts = await calibrated('Guard.recalibrate', this, heldOut, given);
    return this.#with(parts);
  }

  /** The guard as plain data, for `JSON.stringify`; `loadGuard` gives one with the same bits. */
  toJSON(): SavedGuard {
    const { detector, calibration, networkDigest = null, labelNames = null, provenance } = this;
    const network = this.network?.toJSON?.() ?? this.#unreadNetwork ?? null;
    return seal({ detector, calibration, network, networkDigest, labelNames, provenance });
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

  #checkDigest(who: string, views: Views): void {
    checkDigest(who, this.networkDigest, views?.digest, 'these views come');
  }

  #verdicts(who: string, views: Views): Verdict[] {
    this.#checkDigest(who, views);
    const { scores, nearest, parts } = this.detector.examine(views);
    const logits = nearest ? undefined : views.logits && Matrix.from(views.logits, { who: `${who}: logits` });
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
