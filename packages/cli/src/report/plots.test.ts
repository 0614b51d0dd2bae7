import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseResult } from '../result/parseResult.ts';
import { curvesPlot, guardRocPlot, histogramPlot, pValuePlot, rocPlot } from './plots.ts';

const path = new URL('fixtures/result-v1.json', import.meta.url);
const { sections } = parseResult(readFileSync(path, 'utf8'), 'result-v1.json');
const view = sections.histograms!.views[1]!;

const curves = curvesPlot({
  label: 'AUROC against the number of components',
  x: 'components',
  y: 'AUROC',
  curves: sections.mixtures!.modes.map(({ mode, fits }, i) => ({
    name: mode,
    color: i ? 'var(--ood)' : 'var(--id)',
    ...(i ? { dash: '5,4' } : {}),
    points: fits.map(({ nComponents, auroc }) => [nComponents, auroc] as const),
  })),
  include: [1],
});
const guard = sections.guard!;
const looks = ['var(--id)', 'var(--third)', 'var(--muted)', 'var(--ood)'].map((color) => ({ color }));
const plots = {
  curves,
  histogram: histogramPlot(view),
  roc: rocPlot(view),
  guardRoc: guardRocPlot(guard, looks),
  pValues: pValuePlot(guard),
};

for (const [name, svg] of Object.entries(plots)) {
  test(`the ${name} plot looks as it did`, async () => {
    await expect(svg).toMatchFileSnapshot(`fixtures/plots/${name}.svg`);
  });

  test(`the ${name} plot has rounded coordinates, colors from the style sheet and a label`, () => {
    expect(svg).not.toMatch(/ (?:d|x|y|x1|x2|y1|y2|cx|cy|transform)="[^"]*\.\d{3}/);
    expect(svg).not.toMatch(/NaN|undefined|#[0-9a-f]{3,6}/);
    expect(svg).toMatch(/aria-label="[^"]*\w/);
    expect(svg).toContain('var(--id)');
  });
}

test('a curve goes up where its values do', () => {
  const svg = curvesPlot({
    label: 'two points',
    x: 'x',
    y: 'y',
    curves: [
      {
        name: 'a',
        color: 'var(--id)',
        points: [
          [0, 1],
          [10, 2],
        ],
      },
    ],
  });
  // 380 × 250 with margins 54, 14, 28 and 40: from the lower left corner to the upper right
  expect(svg).toContain('d="M54,210L366,28"');
});

test('the axis reaches the values it has to include', () => {
  expect(curves).toContain('>1.00<');
});

test('a share of digits flagged is ten times another at equal steps of the axis', () => {
  const svg = guardRocPlot(
    {
      roc: { fpr: [0.01, 0.1, 1], tpr: [[0, 0.5, 1]] },
      alpha: 0.1,
      promises: [{ alpha: 0.1, confidence: 0.95, expected: 0.09, idFlagged: 10, oodFlagged: 8 }],
      rows: { training: 100, calibration: 100, id: 100, ood: 16 },
    },
    [{ color: 'var(--id)' }],
  );
  expect(svg).toContain('d="M54,210L210,119L366,28"');
  expect(svg).toMatch(/<circle [^>]*cy="119" cx="210"/); // 10 of 100 digits, 8 of 16 garments
  for (const tick of ['1%', '10%', '100%']) expect(svg).toContain(`>${tick}<`);
});
