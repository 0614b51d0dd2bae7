import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseResult } from '../study/result.ts';
import { curvesPlot, histogramPlot, rocPlot } from './plots.ts';

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
const plots = { curves, histogram: histogramPlot(view), roc: rocPlot(view) };

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
