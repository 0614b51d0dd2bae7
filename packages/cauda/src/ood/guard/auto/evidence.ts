import type { Matrix } from '../../../matrix.ts';
import type { FitControl } from '../../../parallel/session.ts';
import type { Detector } from '../../detectors/base/detector.ts';
import { energy, entropy } from '../../detectors/logits.ts';
import { climb, type GuardCandidate, RUNGS } from './ladder.ts';
import type { CheckedTraining, HeldOut } from './training.ts';

/** What `autoGuard` found for one layer. */
export interface GuardChoice {
  readonly layer: number;
  /** The candidate of the highest held-out log-density. */
  readonly chosen: GuardCandidate;
  /** All that were tried, in that order. */
  readonly candidates: readonly GuardCandidate[];
}

/** One question that `autoGuard` asks of a row, fitted. */
export interface Term {
  /** Its name in the table of evidence. */
  readonly evidence: EvidenceName;
  /** What its surprisal is multiplied by. */
  readonly weight: number;
  readonly detector: Detector;
  /** For evidence of layers, what was chosen for which. */
  readonly choice?: GuardChoice;
}

/** A term and its scores of the held-out rows, which tell how rare a score is. */
export interface FittedTerm {
  readonly term: Term;
  readonly scores: Float64Array;
}

/** A name in the table of evidence. */
export type EvidenceName = 'layerGaussians' | 'energy' | 'entropy';

/** One kind of evidence that a row is unfamiliar. */
export interface Evidence {
  /** What of the views it reads. */
  readonly needs: 'layers' | 'logits';
  /** What all its terms weigh together. */
  readonly weight: number;
  /** Its terms, one for each view that it reads. */
  readonly fit: (
    who: string,
    training: CheckedTraining,
    rows: HeldOut,
    control: FitControl,
  ) => Promise<FittedTerm[]>;
  /** A term in words and figures. */
  readonly says: (term: Term) => string;
  /** What the weights of its terms are called together. */
  readonly weighs: string;
}

/**
 * All evidence there is, in the order in which terms are added. The layers together weigh as much as energy and entropy
 * and a little more; these two share much, hence the ½.
 */
export const evidence: Readonly<Record<EvidenceName, Evidence>> = {
  layerGaussians: {
    needs: 'layers',
    weight: 2,
    fit: fitLayers,
    says: ({ choice }) => {
      const { layer, chosen, candidates } = choice!;
      return `layer ${layer}: Gaussians, ${nameOf(chosen)}; mean log-density of held-out rows, in nats: ${candidates.map(figureOf).join(', ')}`;
    },
    weighs: 'the layers together weigh',
  },
  energy: {
    needs: 'logits',
    weight: 1,
    fit: async (_, { logits }, { held }) => [fitLogits('energy', energy(), logits.take(held))],
    says: () => 'energy (is there evidence for any class?)',
    weighs: 'energy',
  },
  entropy: {
    needs: 'logits',
    weight: 0.5,
    fit: async (_, { logits }, { held }) => [fitLogits('entropy', entropy(), logits.take(held))],
    says: () => 'entropy (is there doubt between classes?)',
    weighs: 'entropy',
  },
};

/** Gaussians of the classes in each layer. */
async function fitLayers(
  who: string,
  { layers, labels }: CheckedTraining,
  { fitted, held }: HeldOut,
  { onProgress, ...control }: FitControl,
): Promise<FittedTerm[]> {
  const runs = layers.length;
  const fittedLabels = Int32Array.from(fitted, (row) => labels[row]!);
  const terms: FittedTerm[] = [];
  for (const [layer, activations] of layers.entries()) {
    const features = activations.take(fitted);
    const heldFeatures = activations.take(held);
    const found = await climb(features, fittedLabels, heldFeatures, control, (iteration, objective) =>
      onProgress?.({ task: who, iteration, maxIterations: RUNGS, run: layer, runs, objective }),
    );
    if (!found)
      throw new Error(
        `${who}: layers[${layer}] has no positive definite covariance (${features.cols} features, ${features.rows} rows to fit); give more rows, or fewer features by pca`,
      );
    const { detector, scores, chosen, candidates } = found;
    const choice = Object.freeze({ layer, chosen, candidates });
    const weight = evidence.layerGaussians.weight / runs;
    terms.push({ term: Object.freeze({ evidence: 'layerGaussians', weight, detector, choice }), scores });
  }
  return terms;
}

/** A detector of logits, which learns nothing but how rare its scores are. */
function fitLogits(name: 'energy' | 'entropy', detector: Detector, logits: Matrix): FittedTerm {
  const { weight } = evidence[name];
  return { term: Object.freeze({ evidence: name, weight, detector }), scores: detector.score({ logits }) };
}

function nameOf({ perClass, covarianceType }: GuardCandidate): string {
  switch (covarianceType) {
    case 'tied':
      return 'one covariance for all';
    case 'full':
      return `${perClass} a class`;
    default:
      return covarianceType satisfies never;
  }
}

function figureOf(candidate: GuardCandidate): string {
  return `${nameOf(candidate)} ${candidate.heldOut.toFixed(1)}`;
}

/** What terms say of themselves: a line for each layer, one for the logits, and one for how they are added. */
export function explain(terms: readonly Term[]): string {
  const names = [...new Set(terms.map((term) => term.evidence))];
  const said = (needs: Evidence['needs']): string[] =>
    terms
      .filter((term) => evidence[term.evidence].needs === needs)
      .map((term) => evidence[term.evidence].says(term));
  const logits = said('logits');
  const weights = names.map((name) => {
    const together = terms
      .filter((term) => term.evidence === name)
      .reduce((sum, { weight }) => sum + weight, 0);
    return `${evidence[name].weighs} ${together === 0.5 ? '½' : Number(together.toPrecision(3))}`;
  });
  return [
    ...said('layers'),
    ...(logits.length ? [`logits: ${logits.join(' and ')}`] : []),
    `Each score counts as its surprisal among the held-out training rows, −log P(as far out), and they are added; ${weights.join(', ')}. No outliers were looked at.`,
  ].join('\n');
}
