import { rules } from '../../result/answers/mixtures.ts';
import type { Extreme, HistogramsSection, HistogramView } from '../../result/sections/histograms.ts';
import { fixed, list, percent } from '../../text/format.ts';
import { type Html, html } from '../html.ts';
import { figure, image, plots, section, setsLegend, signed } from '../parts.ts';
import { histogramPlot, rocPlot } from '../plots.ts';

export function histogramsReport({ views }: HistogramsSection): Html {
  return section(
    'histograms',
    html`<p>These are the log-likelihoods of the single test images. Where the two histograms overlap, no threshold can tell a garment from
a digit.</p>`,
    views.map(view),
  );
}

function view(result: HistogramView): Html {
  const { mode, rules: chosenBy, nComponents, auroc, fpr95, extremes } = result;
  return html`<h3>K = ${nComponents}, ${mode}</h3>
<p>Chosen by the ${list(chosenBy.map((rule) => rules[rule].name))}${
    chosenBy.some((rule) => !rules[rule].looked)
      ? ', without a look at any garment'
      : ', which has seen the garments on which it is then judged'
  }. AUROC ${fixed(auroc, 4)}, FPR95 ${percent(fpr95)}.</p>
${plots(
  figure(
    histogramPlot(result),
    'Density of the log-likelihoods in 50 bins; the first bin includes the few that lie further left.',
    setsLegend,
  ),
  figure(
    rocPlot(result),
    'ROC: digits accepted against garments accepted, as the threshold falls. The dashed line is chance.',
  ),
)}
<div class="extremes">${extremes.map(extremeFigure)}</div>`;
}

function extremeFigure({ set, which, images, scores }: Extreme): Html {
  const title = `${which === 'most' ? 'Most' : 'Least'} likely of ${set}`;
  return html`<figure>${image(images, `${title}: ${list(images.labels)}`, 2)}<figcaption><b>${title}</b><br>${signed(Math.max(...scores), 1)} to ${signed(Math.min(...scores), 1)} nats</figcaption></figure>`;
}
