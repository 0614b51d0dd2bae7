import { type GaussianMixtureModel, Random } from 'cauda';
import type { MlpClassifier } from 'cauda/nn';
import {
  autoGuard,
  calibrate,
  calibrateScores,
  calibrationRowsNeeded,
  energy,
  evaluate,
  type Guard,
  maxSoftmax,
  rocCurve,
  type Verdict,
} from 'cauda/ood';
import type { Split } from '../../data/datasets.ts';
import { row } from '../../terminal/row.ts';
import { detectorName, fooledAnswer, guardAnswer, inMode, promiseAnswer } from '../answers.ts';
import { count, duration, fixed, megabytes, microseconds, percent } from '../format.ts';
import { imageAt, labelName, picture } from '../picture.ts';
import {
  GUARD_FILE,
  type GuardCase,
  type GuardDetector,
  type GuardSection,
  type MixturesSection,
} from '../result.ts';
import { architecture, pixels, type Study, timed } from '../study.ts';

/** What the guard promises, and other promises to compare. */
const ALPHA = 0.05;
const ALPHAS = [0.01, ALPHA, 0.1];
/** From this probability on the network counts as sure. */
const SURE = 0.99;
/** p-values are counted in so many bins. */
const BINS = 20;
const CASES = 9;
/** Checks that are timed, after as many to warm up. */
const CHECKS = 400;
const widths = [-16, 7, 17, 12, 12];

/** A guard for the study's network: fitted, calibrated, compared, asked about images, and written to a file. */
export async function guardSection(
  study: Study,
  mixtures: MixturesSection,
): Promise<Omit<GuardSection, 'seconds'>> {
  const { train, fashionTest, options } = study;
  const { model: network } = await study.network();
  const [calibration, test] = halves(study.test, options.seed);
  study.print(
    `  fitted to ${count(train.count)} training digits, calibrated on ${count(calibration.count)} test digits, judged on the other ${count(test.count)} and on ${count(fashionTest.count)} garments`,
  );
  const training = network.views(pixels(train, 255));
  const { model: detector, seconds: fitSeconds } = await timed(() =>
    autoGuard({ ...training, labels: train.labels }, study.control('autoGuard')),
  );
  for (const line of detector.explanation.split('\n')) study.print(`  ${line}`);
  const guard = await calibrate(
    detector,
    { inputs: pixels(calibration, 255) },
    { alpha: ALPHA, network, labelNames: digitNames, notes: notesOf(study) },
  );

  const nComponents = inMode(mixtures, 'properly')!.best.bic;
  const { model: mixture } = await study.mixture('properly', nComponents);
  const id = judge('MNIST', test, guard, network, mixture);
  const ood = judge('Fashion-MNIST', fashionTest, guard, network, mixture);
  const strangest = smallestFirst(id.scores.autoGuard).reverse();
  const flagged = strangest.filter((i) => isFlagged(id, i));
  const missed = smallestFirst(ood.scores.autoGuard).filter((i) => !isFlagged(ood, i));
  const misread = (images: readonly number[]) => images.filter((i) => id.read[i] !== test.labels[i]).length;
  const saved = guard.toJSON();
  const text = `${JSON.stringify(saved)}\n`;
  const section: Omit<GuardSection, 'seconds'> = {
    rows: { training: train.count, calibration: calibration.count, id: test.count, ood: fashionTest.count },
    layers: architecture.hiddenLayers,
    choices: detector.choices,
    fitSeconds,
    nComponents,
    detectors: compare(id, ood, options.seed),
    roc: rocOf(detectorsOf(id).map((name) => ({ id: id.scores[name], ood: ood.scores[name] }))),
    promises: promisesOf(guard, id, ood),
    alpha: ALPHA,
    pValues: { id: binned(id.verdicts), ood: binned(ood.verdicts) },
    sure: { probability: SURE, id: sureOf(id), ood: sureOf(ood) },
    misread: { flagged: misread(flagged), accepted: misread(strangest.slice(flagged.length)) },
    fooled: smallestFirst(ood.scores.maxSoftmax)
      .slice(0, CASES)
      .map((i) => caseOf(ood, i)),
    missed: missed.slice(0, CASES).map((i) => caseOf(ood, i)),
    flagged: flagged.slice(0, CASES).map((i) => caseOf(id, i)),
    file: { bytes: Buffer.byteLength(text), checksum: saved.checksum },
    checkSeconds: checkTimes(guard, network, test),
  };
  await study.keep(GUARD_FILE, text);
  print(study, section);
  return section;
}

/** Figures and answers on the terminal. */
function print({ print }: Study, section: Omit<GuardSection, 'seconds'>): void {
  const { detectors, nComponents, fooled, file, checkSeconds, fitSeconds } = section;
  print(row(['detector', 'AUROC', '95 % interval', 'FPR95, ID +', 'FPR95, OOD +'], widths));
  for (const { detector, auroc, fpr95PositiveId, fpr95PositiveOod } of detectors)
    print(
      row(
        [
          detectorName(detector, nComponents),
          fixed(auroc.value, 4),
          `${fixed(auroc.low, 4)} – ${fixed(auroc.high, 4)}`,
          percent(fpr95PositiveId.value),
          percent(fpr95PositiveOod.value),
        ],
        widths,
      ),
    );
  for (const answer of [guardAnswer, promiseAnswer, fooledAnswer]) print(`  ${answer(section)}`);
  for (const { image, read, probability, pValue, flagged } of fooled)
    print(
      `    ${image.labels[0]}, read as ${read} (${percent(probability, 2)}): p = ${fixed(pValue, 4)}, ${flagged ? 'flagged' : 'accepted'}`,
    );
  print(
    `  ${GUARD_FILE}: ${megabytes(file.bytes)}; one check takes ${microseconds(checkSeconds.activations)} (median; ${microseconds(checkSeconds.pixels)} with the network), the fit took ${duration(fitSeconds)}`,
  );
}

/** Images of one set, and what detectors, guard and network say of them. */
interface Judged {
  readonly set: 'MNIST' | 'Fashion-MNIST';
  readonly split: Split;
  readonly scores: Readonly<Record<GuardDetector, Float64Array>>;
  readonly verdicts: readonly Verdict[];
  readonly read: Int32Array;
}

function judge(
  set: Judged['set'],
  split: Split,
  guard: Guard,
  network: MlpClassifier,
  mixture: GaussianMixtureModel,
): Judged {
  const images = pixels(split, 255);
  const views = network.views(images);
  const verdicts = guard.checkAll(views);
  return {
    set,
    split,
    scores: {
      autoGuard: Float64Array.from(verdicts, ({ score }) => score),
      mixture: mixture.scoreSamples(views.layers.at(-1)!).map((logP) => -logP),
      maxSoftmax: maxSoftmax().score(views),
      energy: energy().score(views),
    },
    verdicts,
    read: network.predict(images),
  };
}

const detectorsOf = ({ scores }: Judged) => Object.keys(scores) as GuardDetector[];
const probabilityOf = ({ scores }: Judged, i: number): number => -scores.maxSoftmax[i]!;
const isFlagged = ({ verdicts }: Judged, i: number): boolean => !verdicts[i]!.inDistribution;
const digitNames = Array.from({ length: 10 }, (_, digit) => labelName('MNIST', digit));

/** A test set in two, at random: MNIST's second half is harder than its first, and a promise is for rows of one kind. */
function halves(split: Split, seed: number): [Split, Split] {
  const order = new Random(seed).permutation(split.count);
  const half = split.count >> 1;
  return [take(split, order.subarray(0, half)), take(split, order.subarray(half))];
}

function take(split: Split, rows: Uint32Array): Split {
  const area = split.images.length / split.count;
  const images = new Uint8Array(rows.length * area);
  rows.forEach((row, i) => {
    images.set(imageAt(split, row), i * area);
  });
  return { images, labels: Uint8Array.from(rows, (row) => split.labels[row]!), count: rows.length };
}

/** Where the guard comes from: it travels without this study. */
function notesOf({ data, options, train }: Study): Record<string, string | number> {
  return {
    inputs: '28 × 28 grey values, row after row, divided by 255',
    data: `MNIST, ${data.source === 'full' ? 'the full sets' : "Cauda's sample"}`,
    network: `${[784, ...architecture.hiddenLayers, 10].join('-')}, trained on ${train.count} digits`,
    trainingImages: `sha256:${data.digests['mnist/train-images-idx3-ubyte']}`,
    calibration: 'half of the test digits, drawn by the seed',
    calibrationImages: `sha256:${data.digests['mnist/t10k-images-idx3-ubyte']}`,
    seed: options.seed,
    epochs: options.epochs,
  };
}

/** Every detector's figures, with intervals from the same resamples. */
function compare(id: Judged, ood: Judged, seed: number): GuardSection['detectors'] {
  const scorers = Object.fromEntries(
    detectorsOf(id).map((name) => [name, { score: ({ scores }: Judged) => scores[name] }]),
  );
  const { rows } = evaluate({ id, ood: { ood } }, scorers, { reference: 'autoGuard', seed });
  return rows.map(({ detector, auroc, fpr95PositiveId, fpr95PositiveOod, aurocDifference }) => ({
    detector: detector as GuardDetector,
    auroc,
    fpr95PositiveId,
    fpr95PositiveOod,
    aurocDifference,
  }));
}

interface Scores {
  readonly id: Float64Array;
  readonly ood: Float64Array;
}

/**
 * What share of the garments each detector flags at most k digits flagged, k = 1, 2, 3 … n in steps that grow, as suits a
 * logarithmic axis.
 */
export function rocOf(scores: readonly Scores[]): GuardSection['roc'] {
  const n = scores[0]!.id.length;
  const flagged: number[] = [];
  for (let k = 1; k < n; k = Math.max(k + 1, Math.floor(k * 1.08))) flagged.push(k);
  flagged.push(n);
  return {
    fpr: flagged.map((k) => round(k / n)),
    tpr: scores.map(({ id, ood }) => {
      const { fpr, tpr } = rocCurve(id, ood);
      return flagged.map((k) => round(tpr[fpr.findLastIndex((share) => share <= k / n)]!));
    }),
  };
}

const round = (share: number): number => Number(share.toFixed(5));

/** What other thresholds would promise and flag, as far as the calibration's rows suffice. */
function promisesOf({ calibration: { scores } }: Guard, id: Judged, ood: Judged): GuardSection['promises'] {
  return ALPHAS.filter((alpha) => calibrationRowsNeeded({ alpha }) <= scores.length).map((alpha) => {
    const { confidence, threshold, falseAlarmInterval } = calibrateScores(scores, { alpha });
    const above = ({ scores }: Judged) => scores.autoGuard.filter((score) => score > threshold).length;
    return {
      alpha,
      confidence,
      expected: falseAlarmInterval.expected,
      idFlagged: above(id),
      oodFlagged: above(ood),
    };
  });
}

/** The share of the p-values in each of the bins (0, 1/20], (1/20, 2/20] … */
function binned(verdicts: readonly Verdict[]): number[] {
  const counts = new Array<number>(BINS).fill(0);
  for (const { pValue } of verdicts) counts[Math.ceil(pValue * BINS) - 1]! += 1;
  return counts.map((n) => round(n / verdicts.length));
}

/** How many of the images the network is sure of, and how many of these the guard flags. */
function sureOf(judged: Judged): { images: number; flagged: number } {
  const sure = [...judged.verdicts.keys()].filter((i) => probabilityOf(judged, i) >= SURE);
  return { images: sure.length, flagged: sure.filter((i) => isFlagged(judged, i)).length };
}

function caseOf(judged: Judged, i: number): GuardCase {
  const { set, split, verdicts, read } = judged;
  const { pValue, nearestClass } = verdicts[i]!;
  return {
    image: picture([imageAt(split, i)], [labelName(set, split.labels[i]!)], 1),
    read: labelName('MNIST', read[i]!),
    probability: probabilityOf(judged, i),
    pValue,
    flagged: isFlagged(judged, i),
    nearest: String(nearestClass),
  };
}

/** Places of the scores, the smallest first. */
function smallestFirst(scores: Float64Array): number[] {
  return [...scores.keys()].sort((a, b) => scores[a]! - scores[b]! || a - b);
}

/** Medians of single checks, in seconds: of what the network makes of an image, and of its pixels. */
function checkTimes(guard: Guard, network: MlpClassifier, split: Split): GuardSection['checkSeconds'] {
  const images = pixels(split, 255);
  const { layers, logits } = network.views(images);
  const median = (check: (image: number) => void): number => {
    const seconds = Array.from({ length: 2 * CHECKS }, (_, i) => {
      const started = performance.now();
      check(i % split.count);
      return (performance.now() - started) / 1000;
    });
    return seconds.slice(CHECKS).sort((a, b) => a - b)[CHECKS >> 1]!;
  };
  return {
    activations: median((i) => {
      guard.check({
        layers: layers.map((layer) => layer.row(i)),
        logits: logits.row(i),
      });
    }),
    pixels: median((i) => {
      guard.checkAll(network.views([images.row(i)]));
    }),
  };
}
