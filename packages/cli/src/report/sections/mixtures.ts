import { rules } from '../../result/answers/mixtures.ts';
import { notebookBest, notebookFits } from '../../result/notebook.ts';
import type { MixturesSection, Rule } from '../../result/sections/mixtures.ts';
import { count, duration, fixed, list, percent } from '../../text/format.ts';
import { type Html, html } from '../html.ts';
import { figure, plots, section, signed, table } from '../parts.ts';
import { type Curve, type CurvesOptions, curvesPlot } from '../plots.ts';

type ModeResult = MixturesSection['modes'][number];

const looks = {
  properly: { color: 'var(--id)', title: 'Properly: pixels in [0, 1], as the network was trained' },
  'as published': { color: 'var(--ood)', title: 'As published: raw pixels in [0, 255]' },
};

export function mixturesReport(result: MixturesSection): Html {
  return section(
    'mixtures',
    html`<p>Gaussian mixtures with full covariances, fitted to the ${result.nFeatures} activations before the last ReLU, of
${count(result.rows)} training digits. A mixture never sees a garment. It gives every image a log-likelihood, and garments should get lower
ones than digits. The notebook trained its network on pixels in [0, 1] but then computed the activations from pixels in
[0, 255]; here it is done properly, and again as published so that the figures can be compared. Activations that are 255 times
as large lower every log-likelihood by about ${result.nFeatures} ln 255 = ${fixed(result.nFeatures * Math.log(255), 1)} nats, and differences remain much the same.</p>`,
    bestTable(result),
    plots(...sweepPlots(result)),
    result.modes.map((mode) => html`<h3>${looks[mode.mode].title}</h3>${fitsTable(mode)}`),
    html`<p class="note"><b>ID</b> and <b>OOD</b> are the mean log-likelihoods, in nats, of the test digits and of the test garments.
<b>AUROC</b> is the chance that a digit is more likely than a garment. <b>FPR95</b> is the share of garments accepted at the threshold
that accepts 95 % of the digits (digits are the positives). BIC is that of the training digits.</p>`,
  );
}

function bestTable({ modes }: MixturesSection): Html {
  const rows = modes.flatMap(({ mode, best, fits }) =>
    (Object.keys(rules) as Rule[]).map((rule) => {
      const fit = fits.find(({ nComponents }) => nComponents === best[rule])!;
      return [
        `${mode}: ${rules[rule].name}`,
        best[rule],
        rules[rule].looked ? 'yes' : 'no',
        signed(fit.difference),
        fixed(fit.auroc, 4),
        percent(fit.fpr95),
      ];
    }),
  );
  return table(
    'The best number of components, K',
    [
      { title: 'rule', words: true },
      { title: 'K' },
      { title: 'saw garments?', words: true },
      { title: 'ID − OOD' },
      { title: 'AUROC' },
      { title: 'FPR95' },
    ],
    [
      ...rows,
      [
        'notebook: largest difference',
        notebookBest,
        'yes',
        fixed(notebookFits.find(({ nComponents }) => nComponents === notebookBest)!.difference),
        '–',
        '–',
      ],
    ],
  );
}

function sweepPlots({ modes }: MixturesSection): Html[] {
  const components = modes[0]!.fits.map(({ nComponents }) => nComponents);
  const last = components.at(-1)!;
  const notebook = notebookFits.filter(({ nComponents }) => nComponents <= last);
  const ours = (value: (fit: ModeResult['fits'][number]) => number): Curve[] =>
    modes.map(({ mode, fits }) => ({
      name: mode,
      color: looks[mode].color,
      points: fits.map((fit) => [fit.nComponents, value(fit)] as const),
    }));
  const theirs = (value: (fit: (typeof notebook)[number]) => number, name = 'notebook'): Curve => ({
    name,
    color: 'var(--muted)',
    dash: '5,4',
    points: notebook.map((fit) => [fit.nComponents, value(fit)] as const),
  });
  const plot = (
    options: Pick<CurvesOptions, 'label' | 'y' | 'curves' | 'include' | 'yFormat'>,
    caption: string,
  ) =>
    figure(
      curvesPlot({ ...options, x: 'components', ...(last < 10 ? { xTicks: components } : {}) }),
      caption,
      options.curves,
    );
  return [
    plot(
      {
        label: 'Difference of the mean log-likelihoods against the number of components',
        y: 'ID − OOD (nats)',
        curves: [...ours((fit) => fit.difference), theirs((fit) => fit.difference)],
      },
      'This is what the notebook’s rule compares. It is an average, so it follows the few garments that are very unlikely, and jumps with them.',
    ),
    plot(
      {
        label: 'AUROC against the number of components',
        y: 'AUROC',
        curves: ours((fit) => fit.auroc),
        include: [1],
      },
      'This says how well the log-likelihood tells digits from garments, whatever the threshold; 1 is perfect.',
    ),
    ...modes.map(({ mode, fits }) => {
      const line = (name: string, color: string, key: 'id' | 'ood'): Curve => ({
        name,
        color,
        points: fits.map((fit) => [fit.nComponents, fit[key]] as const),
      });
      const curves = [line('digits', 'var(--id)', 'id'), line('garments', 'var(--ood)', 'ood')];
      const beside =
        mode === 'as published'
          ? [theirs((fit) => fit.id, 'notebook, both')].concat(theirs((fit) => fit.ood, ''))
          : [];
      return figure(
        curvesPlot({
          label: `Mean log-likelihoods of digits and garments, ${mode}`,
          x: 'components',
          y: 'log-likelihood (nats)',
          curves: [...curves, ...beside],
          ...(last < 10 ? { xTicks: components } : {}),
        }),
        `Mean log-likelihood of the two test sets, ${mode}.`,
        [...curves, ...beside].filter(({ name }) => name),
      );
    }),
  ];
}

function fitsTable({ mode, fits, best }: ModeResult): Html {
  const published = mode === 'as published';
  const rows = fits.map((fit) => {
    const notebook = notebookFits.find(({ nComponents }) => nComponents === fit.nComponents);
    const chosen = (Object.keys(rules) as Rule[]).filter((rule) => best[rule] === fit.nComponents);
    const mark = (rule: Rule, text: string) =>
      chosen.includes(rule) ? html`<mark title="best by ${rules[rule].name}">${text}</mark>` : text;
    return [
      fit.nComponents,
      signed(fit.id),
      published && signed(notebook?.id),
      signed(fit.ood),
      published && signed(notebook?.ood),
      mark('difference', signed(fit.difference)),
      published && signed(notebook?.difference),
      mark('auroc', fixed(fit.auroc, 4)),
      percent(fit.fpr95),
      mark('bic', signed(fit.bic, 0)),
      `${fit.nIter}${fit.converged ? '' : ' (stopped)'}`,
      duration(fit.seconds),
    ].filter((cell) => cell !== false);
  });
  const columns = [
    'K',
    'ID',
    published && 'notebook',
    'OOD',
    published && 'notebook',
    'ID − OOD',
    published && 'notebook',
    'AUROC',
    'FPR95',
    'BIC',
    'iterations',
    'time',
  ].filter((title) => title !== false);
  const highlighted = list([...new Set(Object.values(best))].sort((a, b) => a - b));
  return table(
    `Mixtures ${mode}; the best by difference, AUROC and BIC are marked (K = ${highlighted})`,
    columns.map((title) => ({ title })),
    rows,
  );
}
