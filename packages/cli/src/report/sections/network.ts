import { notebookLosses } from '../../result/notebook.ts';
import type { NetworkSection } from '../../result/sections/network.ts';
import { count, duration, fixed, percent } from '../../text/format.ts';
import { type Html, html } from '../html.ts';
import { figure, plots, section, table } from '../parts.ts';
import { type Curve, curvesPlot } from '../plots.ts';

export function networkReport(result: NetworkSection): Html {
  const { layers, optimizer, lossCurve } = result;
  const epochs = Array.from({ length: Math.max(lossCurve.length, notebookLosses.length) }, (_, i) => i + 1);
  const curve = (losses: readonly number[]) => losses.map((loss, i) => [i + 1, loss] as const);
  const curves: Curve[] = [
    { name: 'this study', color: 'var(--id)', points: curve(lossCurve) },
    { name: 'notebook', color: 'var(--muted)', dash: '5,4', points: curve(notebookLosses) },
  ];
  return section(
    'network',
    html`<p>A perceptron of ${layers.join('–')} units with ReLU, trained on ${count(result.rows)} digits with pixels in [0, 1] by stochastic
gradient descent (learning rate ${optimizer.learningRate}, momentum ${optimizer.momentum}, batches of ${result.batchSize}). It reads
<b>${percent(result.testAccuracy, 2)}</b> of the test digits correctly, after ${duration(result.fitSeconds)} of training.</p>`,
    plots(
      figure(
        curvesPlot({
          label: 'Training loss in each epoch, in this study and in the notebook',
          x: 'epoch',
          y: 'cross-entropy (nats)',
          curves,
          include: [0],
          xTicks: epochs,
        }),
        result.rows < 60_000
          ? `Training loss. The notebook trained on 60,000 digits; with ${count(result.rows)} there are fewer steps an epoch, so the loss falls more slowly.`
          : 'Training loss.',
        curves,
      ),
      table(
        'Mean cross-entropy in each epoch',
        [{ title: 'epoch' }, { title: 'this study' }, { title: 'notebook' }],
        epochs.map((epoch) => [epoch, fixed(lossCurve[epoch - 1], 3), fixed(notebookLosses[epoch - 1], 3)]),
      ),
    ),
  );
}
