import { bestRun, clusteringAnswer, majorities } from '../../result/answers/clustering.ts';
import type { ClusteringRun, ClusteringSection } from '../../result/sections/clustering.ts';
import { count, duration, fixed, list, percent } from '../../text/format.ts';
import { type Html, html } from '../html.ts';
import { adjustedRandTitle, image, section, table } from '../parts.ts';

export function clusteringReport(result: ClusteringSection): Html {
  const best = bestRun(result);
  const others = result.runs.filter((run) => run !== best);
  return section(
    'clustering',
    html`<p>${result.nClusters} clusters of ${count(result.rows)} training images, each of their 784 pixels standardized to mean 0 and
variance 1. K-means never sees the labels, except in the start from the class means, which is there for comparison.</p>`,
    table(
      'Three ways to start',
      [
        { title: 'start', words: true },
        { title: 'restarts' },
        { title: 'inertia' },
        { title: 'iterations' },
        { title: 'purity' },
        { title: adjustedRandTitle },
        { title: html`<abbr title="normalized mutual information">NMI</abbr>` },
        { title: 'time' },
      ],
      result.runs.map((run) => [
        run.start,
        run.restarts,
        fixed(run.inertia, 0),
        `${run.nIter}${run.converged ? '' : ' (stopped)'}`,
        fixed(run.purity, 3),
        fixed(run.adjustedRand, 3),
        fixed(run.normalizedMutualInfo, 3),
        duration(run.seconds),
      ]),
    ),
    html`<h3>Are similar images grouped together?</h3><p class="answer">${clusteringAnswer(result)}</p>`,
    html`<h3>The clusters with the lowest inertia, from ${from(best)}</h3>`,
    clusters(best),
    others.map(
      (run) => html`<details><summary>The clusters from ${from(run)}</summary>${clusters(run)}</details>`,
    ),
  );
}

function from({ start, restarts }: ClusteringRun): string {
  return start === 'class means' ? 'the class means' : `${start} ${restarts === 1 ? 'start' : 'starts'}`;
}

function clusters(run: ClusteringRun): Html {
  const leaders = majorities(run);
  return html`<p class="note">On the left the center of each cluster, on the right nine of its members, chosen at random.</p>
<ol class="clusters">${run.clusters.map(({ center, members }, i) => {
    const { digit, share, size } = leaders[i]!;
    return html`<li><div>${image(center, `center of cluster ${i}`, 3)}${image(
      members,
      `nine members of cluster ${i}, digits ${list(members.labels)}`,
      1,
    )}</div><p><b>${i}</b> ${percent(share, 0)} are ${digit} <span>of ${count(size)}</span></p></li>`;
  })}</ol>${digitTable(run)}`;
}

/** How many of each digit are in each cluster, shaded by the share of that digit. */
function digitTable(run: ClusteringRun): Html {
  const { table: rows } = run;
  const digits = rows[0]!.map((_, digit) => digit);
  const totals = digits.map((digit) => rows.reduce((sum, row) => sum + row[digit]!, 0));
  return table(
    `Digits in each cluster, from ${from(run)}`,
    [{ title: 'cluster' }, ...digits.map((title) => ({ title }))],
    rows.map((row, cluster) => [
      cluster,
      ...row.map((n, digit) => {
        const share = totals[digit] ? n / totals[digit]! : 0;
        return html`<span class="heat" style="--share:${share.toFixed(3)}">${count(n)}</span>`;
      }),
    ]),
  );
}
