import { readFileSync } from 'node:fs';
import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { parseResult } from '../result/parseResult.ts';
import type { StudyResult } from '../result/studyResult.ts';
import { generate } from './report.ts';

// Results of earlier versions stay here: whatever changes, the report still opens them.
const path = new URL('fixtures/result-v1.json', import.meta.url);
const result = parseResult(readFileSync(path, 'utf8'), 'result-v1.json');
const report = generate(result);
const { document } = parseHTML(report);
const all = (selector: string) => [...document.querySelectorAll(selector)];

test('the report of a version 1 result has every section, in order, and the navigation leads there', () => {
  const ids = ['data', 'clustering', 'network', 'mixtures', 'histograms', 'guard', 'missing', 'derivations'];
  expect(all('main > section[id]').map(({ id }) => id)).toEqual(ids);
  expect(all('nav a').map((link) => link.getAttribute('href'))).toEqual(ids.map((id) => `#${id}`));
});

test('the same result gives the same report', () => {
  expect(generate(result)).toBe(report);
});

test('the report is self-contained: no scripts that run, nothing from elsewhere', () => {
  expect(all('script').map((script) => script.getAttribute('type'))).toEqual(['application/json']);
  expect(all('link, iframe, object, embed')).toEqual([]);
  for (const image of all('img')) expect(image.getAttribute('src')).toMatch(/^data:image\/png;base64,/);
  expect(report).not.toMatch(/url\(|@import|\son\w+=/);
});

test('the whole result is embedded and parses to itself', () => {
  expect(JSON.parse(document.querySelector('#result')!.textContent!)).toEqual(
    JSON.parse(JSON.stringify(result)),
  );
});

test('every image has an alternative text, every plot a label, every table a caption and headers with a scope', () => {
  expect(all('img').length).toBeGreaterThan(80);
  for (const image of all('img')) expect(image.getAttribute('alt')).toMatch(/\w/);
  for (const plot of all('svg.plot')) expect(plot.getAttribute('aria-label')).toMatch(/\w/);
  for (const table of all('section:not(#derivations) table'))
    expect(table.querySelector('caption')!.textContent).toMatch(/\w/);
  for (const header of all('th')) expect(header.getAttribute('scope')).toMatch(/^(col|row)$/);
});

test('headings descend one level at a time and no id appears twice', () => {
  const levels = all('h1, h2, h3, h4, h5, h6').map(({ tagName }) => Number(tagName[1]));
  levels.slice(1).forEach((level, i) => {
    expect(level).toBeLessThanOrEqual(levels[i]! + 1);
  });
  const ids = all('[id]').map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test('the figures of the result are in the report', () => {
  const { network, mixtures, clustering, guard } = result.sections;
  const text = document.querySelector('main')!.textContent!.replace(/\s+/g, ' ');
  for (const loss of network!.lossCurve) expect(text).toContain(loss.toFixed(3));
  for (const { fits } of mixtures!.modes)
    for (const fit of fits) {
      expect(text).toContain(fit.auroc.toFixed(4));
      expect(text).toContain(fit.id.toFixed(2).replace('-', '−'));
    }
  for (const run of clustering!.runs) expect(text).toContain(run.adjustedRand.toFixed(3));
  for (const { auroc, fpr95PositiveId, fpr95PositiveOod } of guard!.detectors) {
    expect(text).toContain(`${auroc.value.toFixed(4)} (${auroc.low.toFixed(4)}–${auroc.high.toFixed(4)})`);
    for (const { value } of [fpr95PositiveId, fpr95PositiveOod])
      expect(text).toContain(`${(value * 100).toFixed(1)} % (`);
  }
  for (const { candidates } of guard!.choices)
    for (const { heldOut } of candidates)
      expect(text).toContain(
        heldOut
          .toFixed(1)
          .replace(/\B(?=\d{3}\.)/, ',')
          .replace('-', '−'),
      );
  expect(text).toContain(guard!.file.checksum);
  expect(text).toContain('37 µs');
  expect(text).toContain('1.156');
  expect(text).toContain('78.34');
});

test('the summary says which rule looked at the garments', () => {
  expect(document.querySelector('.summary')!.textContent!.replace(/\s+/g, ' ')).toContain(
    'The smallest BIC picks K = 1 (AUROC 0.896) and never saw a garment; the largest difference (the notebook’s rule) picks K = 5',
  );
});

test('text from a result is never HTML', () => {
  const hostile: StudyResult = JSON.parse(
    JSON.stringify(result, (_, value) =>
      typeof value === 'string' && value !== 'cauda-study' && !/^[\w+/=]{60,}$/.test(value)
        ? `${value}</script><img src=x onerror=alert(1)>`
        : value,
    ),
  );
  // Names that choose a branch stay, or there would be nothing to show.
  hostile.sections.mixtures!.modes.forEach((mode, i) => {
    Object.assign(mode, { mode: result.sections.mixtures!.modes[i]!.mode });
  });
  hostile.sections.histograms!.views.forEach((view, i) => {
    Object.assign(view, { rules: result.sections.histograms!.views[i]!.rules });
  });
  hostile.sections.guard!.detectors.forEach((figures, i) => {
    Object.assign(figures, { detector: result.sections.guard!.detectors[i]!.detector });
  });
  hostile.sections.missing!.levels.forEach((level, i) => {
    Object.assign(level, { methods: result.sections.missing!.levels[i]!.methods });
  });
  const { document } = parseHTML(generate(hostile));
  expect([...document.querySelectorAll('script')]).toHaveLength(1);
  expect([...document.querySelectorAll('[onerror], img:not([alt])')]).toEqual([]);
});

test('a study that has not finished says what is to come', () => {
  const { data } = result.sections;
  const partial = parseHTML(generate({ ...result, sections: { data: data! } })).document;
  expect(partial.querySelector('.absent')!.textContent).toContain(
    'Still to come: K-means, Network, Mixtures, Log-likelihoods, Guard, Missing entries, Derivations.',
  );
  expect(parseHTML(generate({ ...result, sections: {} })).document.querySelector('h1')).not.toBeNull();
});

test('a result from before studies had a guard opens, and says how to get one', () => {
  const { guard: _, ...sections } = result.sections;
  const { document } = parseHTML(generate({ ...result, sections }));
  expect(document.querySelector('.absent')!.textContent).toContain(
    'Still to come: Guard. To go on, run it again with --resume',
  );
  expect(document.querySelector('.summary')!.textContent).not.toContain('guard');
});

test('the images that the guard was asked about say what the network and the guard make of them', () => {
  const { fooled, missed, flagged } = result.sections.guard!;
  const tiles = all('.cases li').map(({ textContent }) => textContent!);
  expect(tiles).toHaveLength(fooled.length + missed.length + flagged.length);
  [...fooled, ...missed, ...flagged].forEach(({ image, read, pValue, flagged, nearest }, i) => {
    for (const text of [
      image.labels[0]!,
      `read as ${read},`,
      `${flagged ? 'flagged' : 'accepted'}, p = ${pValue.toFixed(4)}`,
      `nearest to ${nearest}`,
    ])
      expect(tiles[i]).toContain(text);
  });
});

test('a guard that flagged no digit and missed no garment shows none', () => {
  const calm: StudyResult = JSON.parse(JSON.stringify(result));
  Object.assign(calm.sections.guard!, { flagged: [], missed: [] });
  for (const promise of calm.sections.guard!.promises)
    Object.assign(promise, { idFlagged: 0, oodFlagged: calm.sections.guard!.rows.ood });
  const { document } = parseHTML(generate(calm));
  expect(document.querySelectorAll('.cases')).toHaveLength(1);
  expect(document.querySelector('#guard')!.textContent).not.toContain('NaN');
});
