import { auroc, fprAtTpr } from 'cauda/ood';
import { imageAt } from '../../data/images.ts';
import { labelName } from '../../data/labelName.ts';
import { inMode, rules } from '../../result/answers/mixtures.ts';
import type { Extreme, HistogramsSection, HistogramView } from '../../result/sections/histograms.ts';
import type { MixturesSection, Mode, Rule } from '../../result/sections/mixtures.ts';
import { fixed, list, percent } from '../../text/format.ts';
import { outlierScores } from '../outlierScores.ts';
import { picture } from '../picture.ts';
import { acceptedRoc } from '../roc.ts';
import { smallestFirst } from '../smallestFirst.ts';
import type { Study } from '../study.ts';

const BINS = 50;

/** Shows the log-likelihoods under the mixtures that BIC and the notebook's rule choose. */
export async function histogramsSection(
  study: Study,
  mixtures: MixturesSection,
): Promise<Omit<HistogramsSection, 'seconds'>> {
  const views: HistogramView[] = [];
  for (const { mode, rules: chosenBy, nComponents } of choices(mixtures)) {
    const { id, ood } = await outlierScores(study, mode, nComponents);
    const { edges, densities } = histogram([id, ood].map((scores) => scores.map((score) => -score)));
    const view: HistogramView = {
      mode,
      rules: chosenBy,
      nComponents,
      edges,
      id: densities[0]!,
      ood: densities[1]!,
      auroc: auroc(id, ood),
      fpr95: fprAtTpr(id, ood, { positive: 'id' }),
      roc: acceptedRoc(id, ood),
      extremes: [...extremes('MNIST', study.test, id), ...extremes('Fashion-MNIST', study.fashionTest, ood)],
    };
    views.push(view);
    study.print(
      `  K = ${nComponents}, ${mode}, by the ${list(chosenBy.map((rule) => rules[rule].name))}: AUROC ${fixed(view.auroc, 4)}, FPR95 ${percent(view.fpr95)}`,
    );
    for (const { set, which, images, scores } of view.extremes)
      study.print(`    ${which} likely of ${set}: ${images.labels.join(', ')} (${fixed(scores[0], 1)} …)`);
  }
  return { views };
}

/** The mixtures to show: first BIC's choice, made without garments, then that of the notebook's rule in both modes. */
function choices(mixtures: MixturesSection): { mode: Mode; rules: Rule[]; nComponents: number }[] {
  const best = inMode(mixtures, 'properly')!.best;
  const published = inMode(mixtures, 'as published')!.best.difference;
  const proper =
    best.bic === best.difference
      ? [{ rules: ['bic', 'difference'] as Rule[], nComponents: best.bic }]
      : [
          { rules: ['bic'] as Rule[], nComponents: best.bic },
          { rules: ['difference'] as Rule[], nComponents: best.difference },
        ];
  return [
    ...proper.map((choice) => ({ mode: 'properly' as const, ...choice })),
    { mode: 'as published', rules: ['difference'], nComponents: published },
  ];
}

/**
 * Densities of several samples over the same bins. The first bin includes the lowest half percent of all values, since
 * a few stray ones would leave no room for the rest.
 * @returns 51 edges, and the densities of each sample in the 50 bins
 */
export function histogram(samples: readonly Float64Array[]): { edges: number[]; densities: number[][] } {
  const sorted = Float64Array.from(samples.flatMap((sample) => Array.from(sample))).sort();
  const low = sorted[Math.floor(0.005 * (sorted.length - 1))]!;
  const high = sorted.at(-1)!;
  const width = (high - low) / BINS || 1;
  const densities = samples.map((sample) => {
    const counts = new Array<number>(BINS).fill(0);
    for (const value of sample)
      counts[Math.min(BINS - 1, Math.max(0, Math.floor((value - low) / width)))]! += 1;
    return counts.map((n) => n / (sample.length * width));
  });
  return { edges: Array.from({ length: BINS + 1 }, (_, i) => low + i * width), densities };
}

function extremes(set: 'MNIST' | 'Fashion-MNIST', split: Study['test'], scores: Float64Array): Extreme[] {
  const order = smallestFirst(scores);
  const of = (which: Extreme['which'], indices: number[]): Extreme => ({
    set,
    which,
    images: picture(
      indices.map((i) => imageAt(split, i)),
      indices.map((i) => labelName(set, split.labels[i]!)),
      3,
    ),
    scores: indices.map((i) => -scores[i]!),
  });
  return [of('most', order.slice(0, 9)), of('least', order.slice(-9).reverse())];
}
