import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { keptPromise } from '../result/answers/guard.ts';
import type { GuardSection } from '../result/sections/guard.ts';
import type { HistogramView } from '../result/sections/histograms.ts';

/** A curve of a plot. Its color is a CSS variable, so that one plot serves the light and the dark scheme. */
export interface Curve {
  readonly name: string;
  readonly color: string;
  readonly dash?: string;
  readonly points: readonly (readonly [number, number])[];
}

export interface CurvesOptions {
  /** What the plot shows, for screen readers. */
  readonly label: string;
  readonly x: string;
  readonly y: string;
  readonly curves: readonly Curve[];
  /** Values that the y axis must reach. */
  readonly include?: readonly number[];
  /** The d3-format of the numbers on the y axis. */
  readonly yFormat?: string;
  /** Values of x with a tick; defaults to Plot's choice. */
  readonly xTicks?: readonly number[];
}

/** Curves with a dot at each point, as SVG. */
export function curvesPlot({ label, x, y, curves, include = [], yFormat, xTicks }: CurvesOptions): string {
  return draw(label, {
    x: { label: x, ...(xTicks ? { ticks: [...xTicks] } : {}), tickFormat: (value: number) => String(value) },
    y: { label: y, grid: true, nice: true, ...(yFormat ? { tickFormat: yFormat } : {}) },
    marks: [
      include.length ? Plot.ruleY(include, { stroke: 'none' }) : null,
      ...curves.flatMap(({ points, color, dash }) => [
        Plot.line(points, {
          stroke: color,
          strokeWidth: 2,
          ...(dash ? { strokeDasharray: dash } : {}),
        }),
        Plot.dot(points, {
          fill: dash ? 'var(--surface)' : color,
          stroke: color,
          strokeWidth: 1.5,
          r: 2.75,
        }),
      ]),
    ],
  });
}

/** Options for an area from the points down to 0, which Plot would otherwise stack. */
const under = {
  x: ([x]: readonly [number, number]) => x,
  y1: 0,
  y2: ([, y]: readonly [number, number]) => y,
};

/** The densities of the two sets' log-likelihoods, as SVG. */
export function histogramPlot({ edges, id, ood, nComponents }: HistogramView): string {
  return draw(`Histogram of the log-likelihoods of MNIST and Fashion-MNIST under ${nComponents} components`, {
    x: { label: 'log-likelihood (nats)', ticks: 5 },
    y: { label: 'density', grid: true, ticks: 5 },
    marks: histogramMarks(edges, id, ood),
  });
}

/** The shares of digits and garments with a p-value in each bin, on a scale of square roots, as SVG. */
export function pValuePlot({ pValues: { id, ood } }: Pick<GuardSection, 'pValues'>): string {
  const edges = Array.from({ length: id.length + 1 }, (_, i) => i / id.length);
  return draw('Histogram of the p-values of MNIST and Fashion-MNIST', {
    x: { label: 'p-value', ticks: 5 },
    y: {
      label: `share in each ${edges[1]} of p`,
      type: 'sqrt',
      domain: [0, 1],
      grid: true,
      ticks: [0, 0.01, 0.05, 0.2, 0.5, 1],
      tickFormat: '.0%',
    },
    marks: [
      ...histogramMarks(edges, id, ood),
      Plot.ruleY([edges[1]!], { stroke: 'currentColor', strokeOpacity: 0.6, strokeDasharray: '3,4' }),
    ],
  });
}

/** Two histograms over the same edges, each as one outline because bars side by side would show seams. */
function histogramMarks(
  edges: readonly number[],
  id: readonly number[],
  ood: readonly number[],
): Plot.Markish[] {
  const steps = (heights: readonly number[]) =>
    heights.flatMap((height, i): [number, number][] => [
      [edges[i]!, height],
      [edges[i + 1]!, height],
    ]);
  const area = (heights: readonly number[], color: string) =>
    Plot.areaY(steps(heights), { ...under, fill: color, fillOpacity: 0.45 });
  const outline = (heights: readonly number[], color: string) =>
    Plot.line(steps(heights), { stroke: color, strokeWidth: 1.5 });
  return [
    area(ood, 'var(--ood)'),
    area(id, 'var(--id)'),
    outline(ood, 'var(--ood)'),
    outline(id, 'var(--id)'),
    Plot.ruleY([0]),
  ];
}

/** True positives (digits accepted) against false positives (Fashion images accepted), as SVG. */
export function rocPlot({ roc, auroc }: HistogramView): string {
  const points = roc.fpr.map((fpr, i) => [fpr, roc.tpr[i]!] as [number, number]);
  return draw(`ROC curve with an area of ${auroc.toFixed(4)} under it`, {
    x: { label: 'Fashion images accepted', domain: [0, 1], tickFormat: '.0%', ticks: 5 },
    y: { label: 'digits accepted', domain: [0, 1], tickFormat: '.0%', grid: true, ticks: 5 },
    marks: [
      Plot.line(
        [
          [0, 0],
          [1, 1],
        ],
        { stroke: 'currentColor', strokeOpacity: 0.4, strokeDasharray: '3,4' },
      ),
      Plot.areaY(points, { ...under, fill: 'var(--id)', fillOpacity: 0.12 }),
      Plot.line(points, { stroke: 'var(--id)', strokeWidth: 2 }),
    ],
  });
}

/**
 * Garments flagged against digits flagged, as SVG. The axis is logarithmic because a guard works at its left end, where
 * few digits are flagged. A circle shows the threshold that was kept, a dashed line what was promised for it.
 */
export function guardRocPlot(
  { roc, promises, alpha, rows }: Pick<GuardSection, 'roc' | 'promises' | 'alpha' | 'rows'>,
  looks: readonly Pick<Curve, 'color' | 'dash'>[],
): string {
  const { idFlagged, oodFlagged } = keptPromise({ promises, alpha });
  const least = roc.fpr[0]!;
  const decades = [0.0001, 0.001, 0.01, 0.1, 1].filter((share) => share >= least);
  return draw('ROC curves: garments flagged against digits flagged, on a logarithmic axis', {
    x: {
      label: 'digits flagged',
      type: 'log',
      domain: [least, 1],
      ticks: decades,
      tickFormat: (share: number) => `${Number((share * 100).toPrecision(1))}%`,
    },
    y: { label: 'garments flagged', domain: [0, 1], tickFormat: '.0%', grid: true, ticks: 5 },
    marks: [
      Plot.ruleX([alpha], { stroke: 'currentColor', strokeOpacity: 0.4, strokeDasharray: '3,4' }),
      ...roc.tpr
        .map((tpr, d) =>
          Plot.line(
            tpr.map((share, i): [number, number] => [roc.fpr[i]!, share]),
            { stroke: looks[d]!.color, strokeWidth: 2, strokeDasharray: looks[d]!.dash ?? 'none' },
          ),
        )
        .reverse(),
      Plot.dot([[Math.max(least, idFlagged / rows.id), oodFlagged / rows.ood]], {
        fill: 'var(--surface)',
        stroke: looks[0]!.color,
        strokeWidth: 2.5,
        r: 4.5,
      }),
    ],
  });
}

const { document } = parseHTML('<!doctype html><html><body></body></html>');

/** Draws a plot that is narrow enough for a phone; a wider page shows several side by side. */
function draw(label: string, options: Plot.PlotOptions): string {
  const svg = Plot.plot({
    document: document as unknown as Document,
    width: 380,
    height: 250,
    marginLeft: 54,
    marginRight: 14,
    marginTop: 28,
    marginBottom: 40,
    className: 'plot',
    ariaLabel: label,
    style: { fontSize: '13px', background: 'none' },
    ...options,
  });
  svg.setAttribute('role', 'img');
  for (const style of svg.querySelectorAll('style')) style.remove();
  return round(svg.outerHTML);
}

/** Rounds coordinates to two decimals, as many as a screen can show, so that the text is the same on every machine. */
function round(svg: string): string {
  return svg.replace(/ (d|transform|x|y|x1|x2|y1|y2|cx|cy|width|height)="[^"]*"/g, (attribute) =>
    attribute.replace(/-?\d+\.\d{3,}(e-?\d+)?/g, (number) => String(Number(Number(number).toFixed(2)))),
  );
}
