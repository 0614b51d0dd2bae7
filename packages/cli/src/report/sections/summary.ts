import { bestRun, clusteringAnswer } from '../../result/answers/clustering.ts';
import { guardAnswer, promiseAnswer } from '../../result/answers/guard.ts';
import { inMode, rules } from '../../result/answers/mixtures.ts';
import { notebookBest } from '../../result/notebook.ts';
import type { MixturesSection, Rule } from '../../result/sections/mixtures.ts';
import type { Sections } from '../../result/studyResult.ts';
import { fixed, percent } from '../../text/format.ts';
import { type Html, html } from '../html.ts';

/** The answers in short, from the figures of the finished sections. */
export function summaryReport({ clustering, network, mixtures, guard, missing }: Partial<Sections>): Html {
  const proper = inMode(mixtures, 'properly');
  const published = inMode(mixtures, 'as published');
  const bic = proper && fitOf(proper, 'bic');
  const tiles: [string, string][] = [];
  if (bic)
    tiles.push([
      fixed(bic.auroc, 3),
      `AUROC, digits against garments, with the K = ${bic.nComponents} of BIC`,
    ]);
  if (bic)
    tiles.push([percent(bic.fpr95), 'of garments are accepted at the threshold that accepts 95 % of digits']);
  if (network) tiles.push([percent(network.testAccuracy), 'of test digits read correctly by the network']);
  if (clustering) tiles.push([percent(bestRun(clustering).purity), 'purity of ten K-means clusters']);
  return html`<section class="summary" aria-labelledby="summary-title"><h2 id="summary-title">In short</h2>
<ul class="figures">${tiles.map(([value, what]) => html`<li><b>${value}</b><span>${what}</span></li>`)}</ul>
${clustering && html`<p><b>Are similar images grouped together?</b> ${clusteringAnswer(clustering)}</p>`}
${proper && bic && html`<p><b>Can a mixture tell digits from garments?</b> ${verdict(bic.auroc)} ${bestSentence(proper)}</p>`}
${
  published &&
  html`<p><b>And as the notebook did it?</b> From raw pixels the notebook’s rule picks K = ${published.best.difference}, with a
difference of ${fixed(fitOf(published, 'difference').difference)} nats and an AUROC of ${fixed(fitOf(published, 'difference').auroc, 3)}; the
notebook itself had K = ${notebookBest} and 78.34. Larger pixels lower all log-likelihoods alike and hardly change their order. But the rule
chooses with the same garments that the mixture should then be surprised by.</p>`
}
${guard && html`<p><b>And a guard that can be shipped?</b> ${guardAnswer(guard)} ${promiseAnswer(guard)}</p>`}
${missing && html`<p><b>What if pixels are missing?</b> ${missingSentence(missing)}</p>`}
</section>`;
}

function fitOf(
  mode: MixturesSection['modes'][number],
  rule: Rule,
): MixturesSection['modes'][number]['fits'][number] {
  return mode.fits.find(({ nComponents }) => nComponents === mode.best[rule])!;
}

function verdict(auroc: number): string {
  if (auroc >= 0.98) return 'Yes, nearly always.';
  if (auroc >= 0.9) return 'Mostly.';
  if (auroc >= 0.75) return 'Often, but not reliably.';
  if (auroc >= 0.6) return 'A little better than chance.';
  return 'No.';
}

function bestSentence(mode: MixturesSection['modes'][number]): string {
  const of = (rule: Rule) => {
    const fit = fitOf(mode, rule);
    const largest = fit === mode.fits.at(-1) ? ', the most tried' : '';
    return `K = ${fit.nComponents} (AUROC ${fixed(fit.auroc, 3)}${largest})`;
  };
  return `The ${rules.bic.name} picks ${of('bic')} and never saw a garment; the ${rules.difference.name} picks ${of('difference')} and the ${rules.auroc.name} ${of('auroc')}, and both saw garments.`;
}

function missingSentence({ levels, complete }: Sections['missing']): string {
  const worst = levels.at(-1)!;
  const of = (method: string) =>
    fixed(worst.methods.find((outcome) => outcome.method === method)?.fit?.adjustedRand, 2);
  return `With ${percent(worst.masked, 0)} of them masked, the adjusted Rand index goes from ${fixed(complete.adjustedRand, 2)} to ${of('observed')} when only observed pixels count, and to ${of('mean')} when gaps are filled with the mean.${
    worst.completeRows === 0 ? ' Dropping incomplete rows would leave none.' : ''
  }`;
}
