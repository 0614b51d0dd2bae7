import type { MissingMethod, MissingSection } from '../../result/sections/missing.ts';
import { count, duration, fixed, percent } from '../../text/format.ts';
import { type Html, html } from '../html.ts';
import { adjustedRandTitle, figure, plots, section, table } from '../parts.ts';
import { type Curve, curvesPlot } from '../plots.ts';

/** How the report names the ways to deal with missing entries. */
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
${result.restarts} ${result.restarts === 1 ? 'start' : 'starts'}, pixels standardised with the observed ones). ${droppedSentence(result)}</p>
<p>On standardised pixels the mean is 0, so filling with the mean and the expected cost with a missing entry ~ N(0, ${result.variance}) find the same
clusters, and their costs differ by ${result.variance} for each missing entry: the equality derived <a href="#derivations">below</a>, here in
figures${equalitySentence(result)}.</p>`,
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
        'Agreement of the clusters with the digits. At 0 % stands K-means on the complete images.',
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
    html`<p class="note">Each method minimises its own cost, so costs compare only within a method. The inertia when unmasked is the usual
one, of each method’s clusters on the complete images.</p>`,
  );
}

function droppedSentence({ levels, nFeatures }: MissingSection): string {
  const most = Math.max(...levels.map(({ completeRows }) => completeRows));
  if (most === 0)
    return `Dropping the rows with a missing entry leaves nothing to cluster: with ${nFeatures} pixels a row, not one is complete at any of these shares.`;
  return `Dropping the rows with a missing entry leaves ${levels
    .map(({ masked, completeRows }) => `${count(completeRows)} at ${percent(masked, 0)}`)
    .join(', ')}.`;
}

/** The largest relative departure from cost(expected) = cost(mean) + c × missing. */
function equalitySentence({ levels, variance }: MissingSection): string {
  const departures = levels.flatMap(({ missing, methods }) => {
    const mean = methods.find(({ method }) => method === 'mean')?.fit;
    const expected = methods.find(({ method }) => method === 'expected')?.fit;
    return mean && expected ? [Math.abs(expected.cost - mean.cost - variance * missing) / expected.cost] : [];
  });
  if (!departures.length) return '';
  const most = Math.max(...departures);
  return most === 0 ? ' (it holds exactly)' : ` (it holds to ${most.toExponential(0)} of the cost)`;
}
