import type { MissingMethod, MissingSection } from '../../result/sections/missing.ts';
import { count, duration, fixed, percent, plural } from '../../text/format.ts';
import { type Html, html } from '../html.ts';
import { adjustedRandTitle, figure, plots, section, table } from '../parts.ts';
import { type Curve, curvesPlot } from '../plots.ts';

/** What the report calls the ways to deal with missing entries, and how it draws them. */
const methods: Readonly<Record<MissingMethod, { name: string; color: string; dash?: string }>> = {
  drop: { name: 'drop incomplete rows', color: 'var(--muted)' },
  mean: { name: 'fill with the mean', color: 'var(--third)' },
  expected: { name: 'expected cost', color: 'var(--ood)', dash: '5,4' },
  observed: { name: 'observed only', color: 'var(--id)' },
};

export function missingReport(result: MissingSection): Html {
  const curves = (Object.keys(methods) as MissingMethod[]).flatMap((method): Curve[] => {
    const points = result.levels.flatMap(({ masked, methods }) => {
      const fit = methods.find((outcome) => outcome.method === method)?.fit;
      return fit ? [[masked * 100, fit.adjustedRand] as const] : [];
    });
    return points.length
      ? [{ ...methods[method], points: [[0, result.complete.adjustedRand], ...points] }]
      : [];
  });
  const inertia = fixed(result.complete.inertia, 0);
  return section(
    'missing',
    html`<p>Pixels of ${count(result.rows)} training digits are masked at random, and K-means has to do without them (K = 10, the best of
${plural(result.restarts, 'start')}; means and variances are those of the observed pixels). ${droppedSentence(result)}</p>
<p>Standardized pixels have mean 0, so filling with the mean and minimizing the expected cost with missing entries ~ N(0, ${result.variance}) find the
same clusters, and their costs differ by ${result.variance} for each missing entry. This equality is derived <a href="#derivations">below</a>; in the figures of this
study ${equalitySentence(result)}</p>`,
    plots(
      figure(
        curvesPlot({
          label: 'Adjusted Rand index against the share of masked pixels',
          x: 'pixels masked (%)',
          y: 'adjusted Rand index',
          curves,
          include: [0],
          xTicks: [0, ...result.levels.map(({ masked }) => Math.round(masked * 100))],
        }),
        'Agreement of the clusters with the digits. The values at 0 % are those of K-means on the complete images.',
        curves,
      ),
    ),
    table(
      'Four ways to deal with missing entries',
      [
        { title: 'masked' },
        { title: 'method', words: true },
        { title: 'rows' },
        { title: adjustedRandTitle },
        { title: 'its cost' },
        { title: 'inertia when unmasked' },
        { title: 'iterations' },
        { title: 'time' },
      ],
      [
        [
          '0 %',
          'complete images',
          count(result.rows),
          fixed(result.complete.adjustedRand, 3),
          inertia,
          inertia,
          '–',
          '–',
        ],
        ...result.levels.flatMap(({ masked, completeRows, methods: outcomes }) =>
          outcomes.map(({ method, fit }) => [
            percent(masked, 0),
            methods[method].name,
            count(fit?.rows ?? completeRows),
            fixed(fit?.adjustedRand, 3),
            fixed(fit?.cost, 0),
            fixed(fit?.inertia, 0),
            fit?.nIter ?? '–',
            fit ? duration(fit.seconds) : '–',
          ]),
        ),
      ],
    ),
    html`<p class="note">Each method minimizes its own cost, so costs compare only within a method. The inertia when unmasked is the usual
inertia of each method’s clusters, on the complete images.</p>`,
  );
}

function droppedSentence({ levels, nFeatures }: MissingSection): string {
  const most = Math.max(...levels.map(({ completeRows }) => completeRows));
  if (most === 0)
    return `Dropping the rows with a missing entry leaves nothing to cluster: of rows with ${nFeatures} pixels, not one is complete at any of these shares.`;
  return `Dropping the rows with a missing entry leaves ${levels
    .map(({ masked, completeRows }) => `${count(completeRows)} at ${percent(masked, 0)}`)
    .join(', ')}.`;
}

/** How well cost(expected) = cost(mean) + c × missing holds: the largest relative departure. */
function equalitySentence({ levels, variance }: MissingSection): string {
  const departures = levels.flatMap(({ missing, methods }) => {
    const mean = methods.find(({ method }) => method === 'mean')?.fit;
    const expected = methods.find(({ method }) => method === 'expected')?.fit;
    return mean && expected ? [Math.abs(expected.cost - mean.cost - variance * missing) / expected.cost] : [];
  });
  if (!departures.length) return 'there is nothing to compare.';
  const most = Math.max(...departures);
  return most === 0
    ? 'it holds exactly.'
    : `the departure from it is at most ${most.toExponential(0)} of the cost.`;
}
