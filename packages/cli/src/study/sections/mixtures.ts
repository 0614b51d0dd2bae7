import { auroc, fprAtTpr } from 'cauda/ood';
import { rules } from '../../result/answers/mixtures.ts';
import { notebookFits } from '../../result/notebook.ts';
import type { MixtureFit, MixturesSection, Mode, Rule } from '../../result/sections/mixtures.ts';
import { duration, fixed, percent } from '../../text/format.ts';
import { row } from '../../text/row.ts';
import { outlierScores } from '../outlierScores.ts';
import type { Study } from '../study.ts';

/** The numbers of components that the notebook fitted besides its sweep. */
const SINGLE = [5, 10, 20];
const widths = [3, 9, 9, 9, 7, 7, 14, 5, 8];

/** Fits mixtures to the activations, properly and as in the published notebook. */
export async function mixturesSection(study: Study): Promise<Omit<MixturesSection, 'seconds'>> {
  const modes = [];
  for (const mode of ['properly', 'as published'] as const) modes.push(await sweep(study, mode));
  const { train } = await study.activations('properly');
  return { rows: train.rows, nFeatures: train.cols, modes };
}

async function sweep(study: Study, mode: Mode): Promise<MixturesSection['modes'][number]> {
  study.print(
    mode === 'properly'
      ? '  properly: activations of pixels in [0, 1]'
      : '  as published: activations of raw pixels in [0, 255]; the notebook’s figures in parentheses',
  );
  study.print(row(['K', 'ID', 'OOD', 'ID − OOD', 'AUROC', 'FPR95', 'BIC', 'iter', 'time'], widths));
  const fits: MixtureFit[] = [];
  for (const nComponents of componentCounts(study)) {
    const fit = await evaluate(study, mode, nComponents);
    fits.push(fit);
    const notebook =
      mode === 'as published' && notebookFits.find((known) => known.nComponents === nComponents);
    study.print(
      row(
        [
          nComponents,
          fixed(fit.id),
          fixed(fit.ood),
          fixed(fit.difference),
          fixed(fit.auroc, 4),
          percent(fit.fpr95),
          fixed(fit.bic, 0),
          `${fit.nIter}${fit.converged ? '' : '*'}`,
          duration(fit.seconds),
        ],
        widths,
      ) +
        (notebook ? `  (${fixed(notebook.id)}, ${fixed(notebook.ood)}, ${fixed(notebook.difference)})` : ''),
    );
  }
  if (fits.some(({ converged }) => !converged)) study.print('  * stopped before convergence');
  const best = {
    difference: largest(fits, (fit) => fit.difference),
    auroc: largest(fits, (fit) => fit.auroc),
    bic: largest(fits, (fit) => -fit.bic),
  };
  for (const rule of Object.keys(rules) as Rule[])
    study.print(
      `  best K ${mode} by the ${rules[rule].name}: ${best[rule]} (${rules[rule].looked ? 'saw the OOD data' : 'did not see the OOD data'})`,
    );
  return { mode, fits, best };
}

/** 1 … maxComponents, with the notebook's 5, 10 and 20, or only its 5 in a quick study. */
function componentCounts({ options }: Study): number[] {
  const sweep = Array.from({ length: options.maxComponents }, (_, i) => i + 1);
  const single = options.quick ? SINGLE.slice(0, 1) : SINGLE;
  return [...new Set([...sweep, ...single])].sort((a, b) => a - b);
}

async function evaluate(study: Study, mode: Mode, nComponents: number): Promise<MixtureFit> {
  const { model, seconds } = await study.mixture(mode, nComponents);
  const { train } = await study.activations(mode);
  const { id, ood } = await outlierScores(study, mode, nComponents);
  const idMean = -mean(id);
  const oodMean = -mean(ood);
  return {
    nComponents,
    id: idMean,
    ood: oodMean,
    difference: idMean - oodMean,
    auroc: auroc(id, ood),
    fpr95: fprAtTpr(id, ood, { positive: 'id' }),
    bic: model.bic(train),
    nIter: model.nIter,
    converged: model.converged,
    seconds,
  };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function largest(fits: readonly MixtureFit[], value: (fit: MixtureFit) => number): number {
  return fits.reduce((best, fit) => (value(fit) > value(best) ? fit : best)).nComponents;
}
