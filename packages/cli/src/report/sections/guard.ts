import {
  detectorName,
  fooledAnswer,
  guardAnswer,
  keptPromise,
  promiseAnswer,
} from '../../result/answers/guard.ts';
import {
  GUARD_FILE,
  type GuardCase,
  type GuardDetector,
  type GuardSection,
} from '../../result/sections/guard.ts';
import { count, duration, fixed, megabytes, microseconds, percent } from '../../text/format.ts';
import { type Html, html } from '../html.ts';
import { figure, image, plots, section, setsLegend, signed, table } from '../parts.ts';
import { guardRocPlot, pValuePlot } from '../plots.ts';

/** What each detector looks like in the plots, and what it reads. */
const looks: Readonly<Record<GuardDetector, { color: string; dash?: string; reads: string }>> = {
  autoGuard: { color: 'var(--id)', reads: 'both hidden layers and logits' },
  mixture: { color: 'var(--third)', reads: 'last hidden layer' },
  maxSoftmax: { color: 'var(--muted)', dash: '6,4', reads: 'logits' },
  energy: { color: 'var(--muted)', dash: '2,3', reads: 'logits' },
};

export function guardReport(result: GuardSection): Html {
  const { rows, fitSeconds } = result;
  return section(
    'guard',
    html`<p>A guard stands beside the network and says of each image whether it is like those that the network knows. <code>autoGuard</code> was
fitted in ${duration(fitSeconds)} to the activations and logits of the ${count(rows.training)} training digits. Its threshold was set with half of the
test digits, ${count(rows.calibration)} that neither the network nor the guard had seen; it is judged on the other ${count(rows.id)} and on
${count(rows.ood)} garments. Nothing in it was chosen with a look at garments.</p>`,
    html`<p class="answer">${guardAnswer(result)} ${promiseAnswer(result)}</p>`,
    detectorsTable(result),
    html`<p class="note"><b>FPR95, digits positive</b>: the share of garments accepted at the threshold that accepts 95 % of the digits.
<b>FPR95, garments positive</b>: the share of digits flagged at the threshold that flags 95 % of the garments.</p>`,
    plots(rocFigure(result), pValueFigure(result)),
    html`<h3>False alarms: promised and observed</h3>`,
    promisesTable(result),
    html`<p class="note">A promise holds for ${percent(keptPromise(result).confidence, 0)} of all draws of the calibration digits. To keep it, the threshold is
set so that somewhat fewer digits are flagged on average. The share of garments flagged is observed, not promised.</p>`,
    html`<h3>The garments that fooled the network</h3>
<p>${fooledAnswer(result)} Here are those of which it is most sure, with what the guard says: p is about the share of digits that are at
least as strange. With ${count(rows.calibration)} digits to compare with, it cannot be less than ${fixed(1 / (rows.calibration + 1), 4)}.</p>`,
    cases(result.fooled),
    missedGarments(result),
    flaggedDigits(result),
    html`<h3>What autoGuard chose</h3>`,
    choices(result),
    file(result),
  );
}

function detectorsTable({ detectors, nComponents }: GuardSection): Html {
  return table(
    'autoGuard, the notebook’s mixture and two scores of the logits, with 95 % bootstrap intervals in parentheses',
    [
      { title: 'detector', words: true },
      { title: 'AUROC' },
      { title: 'FPR95, digits positive' },
      { title: 'FPR95, garments positive' },
      { title: 'reads', words: true },
    ],
    detectors.map(({ detector, auroc, fpr95PositiveId, fpr95PositiveOod }) => [
      detectorName(detector, nComponents),
      `${fixed(auroc.value, 4)} (${fixed(auroc.low, 4)}–${fixed(auroc.high, 4)})`,
      shares(fpr95PositiveId),
      shares(fpr95PositiveOod),
      looks[detector].reads,
    ]),
  );
}

function shares({ value, low, high }: { value: number; low: number; high: number }): string {
  return `${percent(value)} (${fixed(low * 100, 1)}–${fixed(high * 100, 1)})`;
}

function rocFigure(result: GuardSection): Html {
  const curves = result.detectors.map(({ detector }) => ({
    name: detectorName(detector, result.nComponents),
    ...looks[detector],
  }));
  return figure(
    guardRocPlot(result, curves),
    `ROC: garments flagged against digits flagged, as the threshold falls. The dashed line marks the promise of ${percent(result.alpha, 0)}, the circle the guard that was kept.`,
    curves,
  );
}

function pValueFigure(result: GuardSection): Html {
  return figure(
    pValuePlot(result),
    'p-values, on a square-root scale. Those of digits should be spread evenly, at the dashed line; those of garments should be near 0.',
    setsLegend,
  );
}

function promisesTable({ promises, rows }: GuardSection): Html {
  return table(
    'Thresholds from the same calibration',
    [
      { title: 'promised: at most' },
      { title: 'on average' },
      { title: 'digits flagged' },
      { title: 'share' },
      { title: 'garments flagged' },
    ],
    promises.map(({ alpha, expected, idFlagged, oodFlagged }) => [
      percent(alpha, 0),
      percent(expected),
      `${count(idFlagged)} of ${count(rows.id)}`,
      percent(idFlagged / rows.id),
      percent(oodFlagged / rows.ood),
    ]),
  );
}

function missedGarments({ missed, promises, alpha, rows }: GuardSection): Html | false {
  const accepted = rows.ood - keptPromise({ promises, alpha }).oodFlagged;
  if (accepted === 0) return false;
  return html`<h3>The garments that it missed</h3>
<p>${count(accepted)} of ${count(rows.ood)} garments are accepted. Here are those that look most like digits to the guard.</p>
${cases(missed)}`;
}

function flaggedDigits({ flagged, misread, promises, alpha, rows }: GuardSection): Html | false {
  const { idFlagged } = keptPromise({ promises, alpha });
  if (idFlagged === 0) return false;
  const errors = percent(misread.flagged / idFlagged);
  const usual = percent(misread.accepted / (rows.id - idFlagged));
  return html`<h3>The digits that it flagged</h3>
<p>The network misreads ${errors} of the ${count(idFlagged)} digits flagged and ${usual} of the others. Here are the strangest digits.</p>
${cases(flagged)}`;
}

function cases(images: readonly GuardCase[]): Html {
  return html`<ul class="cases">${images.map(
    ({ image: picture, read, probability, pValue, flagged, nearest }) => {
      const [shows] = picture.labels;
      return html`<li>${image(picture, shows!, 3)}<p><b>${shows}</b><br>read as ${read}, ${percent(probability, 2)}<br><span class="${flagged ? 'out' : 'in'}">${
        flagged ? 'flagged' : 'accepted'
      }</span>, p = ${fixed(pValue, 4)}<br>nearest to ${nearest}</p></li>`;
    },
  )}</ul>`;
}

/** What was tried in each layer. The columns are what the layer that tried most has tried, in its order. */
function choices({ choices, layers }: GuardSection): Html {
  const longest = choices.reduce((most, choice) =>
    choice.candidates.length > most.candidates.length ? choice : most,
  ).candidates;
  const name = ({ perClass, covarianceType }: (typeof longest)[number]) =>
    covarianceType === 'tied' ? 'one covariance for all' : `${perClass} a digit`;
  return html`<p>The guard has Gaussians for each digit in both hidden layers, before their ReLU. The training digits decide how many there are and
whether they share a covariance: a fifth of the digits is held out, and the Gaussians under which these are most probable are chosen. Two
scores of the logits are added: energy (is there evidence for any digit?) and entropy (is there doubt between digits?). Each score counts
as its surprisal among the held-out training digits, −log P(a score at least as far out); the layers together have a weight of 2, energy 1,
entropy ½.</p>
${table(
  'Mean log-density of the held-out training digits, in nats; the choice of each layer is marked',
  [{ title: 'layer', words: true }, ...longest.map((candidate) => ({ title: name(candidate) }))],
  choices.map(({ layer, chosen, candidates }) => [
    `hidden layer ${layer + 1}, ${layers[layer]} units`,
    ...longest.map((_, i) => {
      const candidate = candidates[i];
      if (!candidate) return 'not tried';
      const text = signed(candidate.heldOut, 1);
      return candidate.heldOut === chosen.heldOut ? html`<mark>${text}</mark>` : text;
    }),
  ]),
)}`;
}

const loading = `import { readFile } from 'node:fs/promises';
import { MlpClassifier } from 'cauda/nn';
import { loadGuard } from 'cauda/ood';

const guard = loadGuard(await readFile('${GUARD_FILE}'), { networks: [MlpClassifier] });
const images = [new Float32Array(784)]; // the 28 × 28 gray values of an image, divided by 255

const [{ inDistribution, pValue, nearestClass }] = await guard.checkInputs(images);
if (inDistribution) console.log('read as', guard.network.predict(images)[0]);
else console.log('I do not know this; p =', pValue, 'nearest to', nearestClass);`;

function file({ file: { bytes, checksum }, checkSeconds }: GuardSection): Html {
  return html`<h3>The guard in one file</h3>
<p>The file <code>${GUARD_FILE}</code> (${megabytes(bytes)}), next to this report, holds the network, the guard, its calibration and where they come from. The median
time of one check is ${microseconds(checkSeconds.activations)} for activations and ${microseconds(checkSeconds.pixels)} for pixels, which pass through the network first. This is how to
use it in Node and, with <code>fetch</code> in place of <code>readFile</code>, in a browser:</p>
<pre><code>${loading}</code></pre>
<p class="note">Its checksum is <code>${checksum}</code>.</p>`;
}
