import { checkOptions, controlRules, describe } from '../../check.ts';
import { checkLabels, distinct, indicesIn } from '../../labels.ts';
import { Matrix, type MatrixLike } from '../../matrix.ts';
import { classGaussianMixture } from '../../mixture/classGaussianMixture.ts';
import { CollapseError } from '../../mixture/covariance/collapse.ts';
import type { FitControl } from '../../parallel/session.ts';
import { Random } from '../../random.ts';
import { FieldReader, type SavedReader } from '../../serialize.ts';
import { asksOf, Detector, type DetectorKind } from '../detectors/base/detector.ts';
import { combineScored, type Member } from '../detectors/combine.ts';
import { classGaussiansKind } from '../detectors/gaussians.ts';
import { energy, entropy } from '../detectors/logits.ts';
import { total } from '../detectors/vectors.ts';

/** What `autoGuard` learns from: what the network made of its training rows. */
export interface GuardTraining {
  /** Activations of hidden layers, better before their ReLU (each nSamples × its size). */
  readonly layers: readonly MatrixLike[];
  /** The network's outputs before the softmax (nSamples × nClasses). */
  readonly logits: MatrixLike;
  /** The class of each row, any 32-bit integers; length nSamples. */
  readonly labels: ArrayLike<number>;
}

/** A way to describe the classes in one layer that `autoGuard` tried. */
export interface GuardCandidate {
  /** Gaussians for each class. */
  readonly perClass: number;
  /** "tied": one covariance for all of them; "full": each its own. */
  readonly covarianceType: 'tied' | 'full';
  /** The mean log-density, in nats, of the training rows that were held out. */
  readonly heldOut: number;
}

/** What `autoGuard` found for one layer. */
export interface GuardChoice {
  readonly layer: number;
  /** The candidate of the highest held-out log-density. */
  readonly chosen: GuardCandidate;
  /** All that were tried, in that order. */
  readonly candidates: readonly GuardCandidate[];
}

const who = 'autoGuard';

/** One row in so many of each class is held out. */
const HELD = 5;

/** The fewest rows that leave enough to hold out. */
const FEWEST = 50;

/** Candidates in the order in which they are tried; each has more parameters than the one before. */
const ladder: readonly Pick<GuardCandidate, 'perClass' | 'covarianceType'>[] = [
  { perClass: 1, covarianceType: 'tied' },
  { perClass: 1, covarianceType: 'full' },
  { perClass: 2, covarianceType: 'full' },
  { perClass: 4, covarianceType: 'full' },
];

interface Guarded {
  readonly combined: Detector;
  readonly choices: readonly GuardChoice[];
}

export const autoGuardKind: DetectorKind<Guarded> = {
  name: who,
  score: ({ combined }, input) => combined.score(input),
  examine: ({ combined }, input) => combined.examine(input),
  read: (saved, nested) => ({
    combined: nested(saved.field('combined')),
    choices: readChoices(saved),
  }),
};

/** The detector that `autoGuard` makes, and why it is what it is. Its scores are sums of surprisals, in nats. */
export class AutoGuard extends Detector {
  /** What was tried and chosen for each layer. */
  readonly choices: readonly GuardChoice[];
  /** The choice in words and figures. */
  readonly explanation: string;

  /** Use `autoGuard` or `detectorFromJSON`. */
  constructor(parts: Guarded) {
    super(who, parts, asksOf(autoGuardKind, parts));
    this.choices = parts.choices;
    this.explanation = explain(parts.choices);
    Object.freeze(this);
  }
}

/**
 * The detector to begin with, chosen and weighted with the training rows alone. It adds up how surprising a row is
 *   −log P(as far out in the layer) for each layer, under Gaussians of its classes,
 *   −log P(as high an energy): does the network see evidence for any class?
 *   −log P(as high an entropy): does it doubt between classes?
 * as `combine` by "surprisal", the layers together weighing 2, energy 1 and entropy ½, since the latter two share much.
 *
 * Every fifth row of each class is held out. Gaussians are fitted to the others: one covariance for all classes, one each,
 * then 2 and 4 a class, as long as the held-out rows become more probable. The held-out rows also tell how rare a score
 * is. No outlier is looked at: what is unlike the classes is not known beforehand.
 *
 *     const guard = await autoGuard({ layers: [firstHidden, penultimate], logits, labels });
 *     guard.score({ layers, logits })
 * @param training rows that the network was trained on, at least 50
 * @throws TypeError or RangeError for training data or options that make no sense, naming them; Error if a layer has no
 *   positive definite covariance; the signal's reason when aborted
 */
export async function autoGuard(training: GuardTraining, options: FitControl = {}): Promise<AutoGuard> {
  const { seed, onProgress, ...control } = checkOptions(who, options, controlRules, { seed: 0 });
  const { layers, logits, labels } = checkTraining(training);
  const { fitted, held } = holdOut(labels, seed);
  const fittedLabels = fitted.map((row) => labels[row]!);
  const members: Required<Member>[] = [];
  const scores: Float64Array[] = [];
  const choices: GuardChoice[] = [];
  for (const [layer, activations] of layers.entries()) {
    const features = activations.take(fitted);
    const heldFeatures = activations.take(held);
    const candidates: GuardCandidate[] = [];
    let best: { chosen: GuardCandidate; detector: Detector; scores: Float64Array } | undefined;
    for (const candidate of ladder) {
      if (tooManyParameters(candidate, fittedLabels, features)) break;
      const detector = await attempt(features, fittedLabels, candidate, { ...control, seed });
      const found = detector?.score({ features: heldFeatures });
      const heldOut = found ? -meanOf(found) : -Infinity;
      const better = Number.isFinite(heldOut) && !(best && best.chosen.heldOut >= heldOut);
      if (Number.isFinite(heldOut)) candidates.push({ ...candidate, heldOut });
      if (detector && found && better) best = { chosen: candidates.at(-1)!, detector, scores: found };
      onProgress?.({
        task: who,
        iteration: candidates.length,
        maxIterations: ladder.length,
        run: layer,
        runs: layers.length,
        objective: best?.chosen.heldOut ?? heldOut,
      });
      if (!better && candidate.covarianceType === 'full') break;
    }
    if (!best)
      throw new Error(
        `${who}: layers[${layer}] has no positive definite covariance (${features.cols} features, ${features.rows} rows to fit); give more rows, or fewer features by pca`,
      );
    choices.push({ layer, chosen: best.chosen, candidates });
    members.push({ detector: best.detector, layer, weight: 2 / layers.length });
    scores.push(best.scores);
  }
  const heldLogits = logits.take(held);
  for (const [detector, weight] of [
    [energy(), 1],
    [entropy(), 0.5],
  ] as const) {
    members.push({ detector, layer: -1, weight });
    scores.push(detector.score({ logits: heldLogits }));
  }
  return new AutoGuard({ combined: combineScored(who, members, scores, 'surprisal'), choices });
}

function checkTraining(training: GuardTraining): { layers: Matrix[]; logits: Matrix; labels: Int32Array } {
  const { layers, logits, labels } = training ?? {};
  if (!Array.isArray(layers) || layers.length === 0)
    throw new TypeError(
      `${who}: layers must be an array of at least one layer's activations; got ${describe(layers)}`,
    );
  if (logits === undefined)
    throw new TypeError(`${who}: logits are missing: the network's outputs before the softmax`);
  if (labels === undefined) throw new TypeError(`${who}: labels are missing: the class of each row`);
  const outputs = Matrix.from(logits, { who: `${who}: logits` });
  const matrices = layers.map((layer: MatrixLike, l) => Matrix.from(layer, { who: `${who}: layers[${l}]` }));
  const uneven = matrices.findIndex(({ rows }) => rows !== outputs.rows);
  if (uneven >= 0)
    throw new RangeError(
      `${who}: layers[${uneven}] has ${matrices[uneven]!.rows} rows but logits have ${outputs.rows}`,
    );
  checkLabels(who, labels, outputs.rows);
  if (outputs.rows < FEWEST)
    throw new RangeError(`${who}: expected at least ${FEWEST} training rows; got ${outputs.rows}`);
  return { layers: matrices, logits: outputs, labels: Int32Array.from(labels) };
}

/** Every fifth row of each class, in an order drawn by the seed, and the others; both ascending. */
function holdOut(labels: Int32Array, seed: number): { fitted: Int32Array; held: Int32Array } {
  const random = new Random(seed);
  const order = random.permutation(labels.length);
  const classes = distinct(labels);
  const seen = new Int32Array(classes.length);
  const indices = indicesIn(classes, labels);
  const held: number[] = [];
  const fitted: number[] = [];
  for (const row of order) (++seen[indices[row]!]! % HELD === 0 ? held : fitted).push(row);
  if (held.length === 0) held.push(...fitted.splice(-HELD)); // every class has fewer than five rows
  return { fitted: Int32Array.from(fitted).sort(), held: Int32Array.from(held).sort() };
}

/** Fewer than d / 2 rows a Gaussian: more parameters than values. */
function tooManyParameters(
  { perClass, covarianceType }: Pick<GuardCandidate, 'perClass' | 'covarianceType'>,
  labels: Int32Array,
  { rows, cols }: Matrix,
): boolean {
  const covariances = covarianceType === 'tied' ? 1 : perClass * distinct(labels).length;
  return (covariances * cols) / 2 > rows;
}

/** The class Gaussians, or undefined if a covariance is not positive definite. */
async function attempt(
  features: Matrix,
  labels: Int32Array,
  { perClass, covarianceType }: Pick<GuardCandidate, 'perClass' | 'covarianceType'>,
  control: FitControl,
): Promise<Detector | undefined> {
  try {
    const mixture = await classGaussianMixture(features, labels, { ...control, perClass, covarianceType });
    return Detector.of(classGaussiansKind, { mixture: mixture.rounded() });
  } catch (error) {
    if (error instanceof CollapseError) return undefined;
    throw error;
  }
}

function explain(choices: readonly GuardChoice[]): string {
  const name = ({ perClass, covarianceType }: GuardCandidate): string =>
    covarianceType === 'tied' ? 'one covariance for all' : `${perClass} a class`;
  const figure = (candidate: GuardCandidate): string => `${name(candidate)} ${candidate.heldOut.toFixed(1)}`;
  const lines = choices.map(
    ({ layer, chosen, candidates }) =>
      `layer ${layer}: Gaussians, ${name(chosen)}; mean log-density of held-out rows, in nats: ${candidates.map(figure).join(', ')}`,
  );
  return [
    ...lines,
    'logits: energy (is there evidence for any class?) and entropy (is there doubt between classes?)',
    'Each score counts as its surprisal among the held-out training rows, −log P(as far out), and they are added; the layers together weigh 2, energy 1, entropy ½. No outliers were looked at.',
  ].join('\n');
}

function readChoices(saved: SavedReader): GuardChoice[] {
  const values = saved.field('choices');
  if (!Array.isArray(values) || values.length === 0) saved.fail('choices', 'an array of one choice a layer');
  return (values as unknown[]).map((value, c) => {
    const choice = new FieldReader(`detectorFromJSON: choices[${c}]`, value);
    const candidates = choice.field('candidates');
    if (!Array.isArray(candidates)) choice.fail('candidates', 'an array of candidates');
    return Object.freeze({
      layer: choice.number('layer', 0, Infinity, true),
      chosen: readCandidate(`detectorFromJSON: choices[${c}].chosen`, choice.field('chosen')),
      candidates: Object.freeze(
        (candidates as unknown[]).map((candidate, i) =>
          readCandidate(`detectorFromJSON: choices[${c}].candidates[${i}]`, candidate),
        ),
      ),
    });
  });
}

function readCandidate(name: string, value: unknown): GuardCandidate {
  const saved = new FieldReader(name, value);
  return Object.freeze({
    perClass: saved.number('perClass', 1, Infinity, true),
    covarianceType: saved.choice('covarianceType', ['tied', 'full'] as const),
    heldOut: saved.number('heldOut'),
  });
}

function meanOf(values: Float64Array): number {
  return total(values) / values.length;
}
