import { sectionNames, sections as titles } from '../result/sections.ts';
import type { SectionName, StudyResult } from '../result/studyResult.ts';
import { duration } from '../text/format.ts';
import { embeddedJson, type Html, html, trusted } from './html.ts';
import { clusteringReport } from './sections/clustering.ts';
import { dataReport } from './sections/data.ts';
import { derivationsReport } from './sections/derivations.ts';
import { guardReport } from './sections/guard.ts';
import { histogramsReport } from './sections/histograms.ts';
import { missingReport } from './sections/missing.ts';
import { mixturesReport } from './sections/mixtures.ts';
import { networkReport } from './sections/network.ts';
import { summaryReport } from './sections/summary.ts';
import { style } from './style.ts';

/**
 * Makes the report of a study: one HTML file that needs no network and runs no script. It depends on nothing but the
 * result, from which any sections may be absent.
 */
export function generate(result: StudyResult): string {
  const { sections } = result;
  const done = sectionNames.filter((name) => sections[name]);
  const absent = sectionNames.filter((name) => !sections[name]);
  const { markup } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>Cauda study: clusters, mixtures and the unfamiliar</title>
<style>${trusted(style)}</style>
</head>
<body>
<header>
<p class="brand">Cauda study</p>
<h1>Clusters, mixtures and the unfamiliar</h1>
<p class="lead">Handwritten digits are clustered, a network learns to read them, and mixtures of Gaussians over its activations
try to notice that a garment is not a digit.</p>
</header>
<nav aria-label="Sections"><ol>${done.map((name) => html`<li><a href="#${name}">${titles[name].shortTitle}</a></li>`)}</ol></nav>
<main>
${summaryReport(sections)}
${absent.length > 0 && html`<p class="absent" role="note">This study has not finished. Still to come: ${absent.map((name) => titles[name].shortTitle).join(', ')}. To go on, run it again with --resume.</p>`}
${sections.data && dataReport(sections.data)}
${sections.clustering && clusteringReport(sections.clustering)}
${sections.network && networkReport(sections.network)}
${sections.mixtures && mixturesReport(sections.mixtures)}
${sections.histograms && histogramsReport(sections.histograms)}
${sections.guard && guardReport(sections.guard)}
${sections.missing && missingReport(sections.missing)}
${sections.derivations && derivationsReport(sections.derivations)}
</main>
${colophon(result)}
<script type="application/json" id="result">${embeddedJson(result)}</script>
</body>
</html>
`;
  return markup;
}

/** The footer, which says how to get the same figures again. */
function colophon({ startedAt, options, versions, machine, sections }: StudyResult): Html {
  const settings = Object.entries(options).filter(([, value]) => value !== null && value !== false);
  const times = Object.entries(sections).map(
    ([name, { seconds }]) => [titles[name as SectionName].shortTitle, seconds] as const,
  );
  const total = times.reduce((sum, [, seconds]) => sum + seconds, 0);
  const digests = (sections.data?.sets ?? []).flatMap(({ name, split, sha256 }) => [
    [`${name} ${split} images`, sha256.images] as const,
    [`${name} ${split} labels`, sha256.labels] as const,
  ]);
  return html`<footer aria-labelledby="colophon-title"><h2 id="colophon-title">How this was made</h2>
<dl>
<dt>Started</dt><dd>${startedAt.slice(0, 16).replace('T', ' ')} UTC</dd>
<dt>Options</dt><dd>${settings.map(([name, value]) => `${name} ${value}`).join(' · ')}</dd>
<dt>Versions</dt><dd>Cauda ${versions.cauda} · Node ${versions.node}</dd>
<dt>Machine</dt><dd>${machine.cpu} · ${machine.threads} threads · ${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB · ${machine.platform}</dd>
<dt>Time</dt><dd>${duration(total)}: ${times.map(([name, seconds]) => `${name} ${duration(seconds)}`).join(' · ')}</dd>
</dl>
<p>The same seed gives the same figures on every machine and with any number of workers; only the times differ. All figures are in
this file as JSON, in the script element with the id “result”.</p>
${
  digests.length > 0 &&
  html`<details><summary>SHA-256 of the data</summary><dl class="digests">${digests.map(([name, digest]) => html`<dt>${name}</dt><dd><code>${digest}</code></dd>`)}</dl></details>`
}</footer>`;
}
