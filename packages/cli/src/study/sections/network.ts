import { pixels } from '../../data/images.ts';
import { notebookLosses } from '../../result/notebook.ts';
import type { NetworkSection } from '../../result/sections/network.ts';
import { duration, fixed, percent } from '../../text/format.ts';
import { row } from '../../text/row.ts';
import { architecture, type Study } from '../study.ts';

/** Trains the notebook's network and compares its losses with the notebook's. */
export async function networkSection(study: Study): Promise<Omit<NetworkSection, 'seconds'>> {
  const { model, seconds } = await study.network();
  const testAccuracy = model.score(pixels(study.test, 255), study.test.labels);
  const lossCurve = Array.from(model.lossCurve);
  const widths = [5, 8, 8];
  study.print(row(['epoch', 'loss', 'notebook'], widths));
  lossCurve.forEach((loss, i) => {
    study.print(row([i + 1, fixed(loss, 3), fixed(notebookLosses[i], 3)], widths));
  });
  study.print(`  test accuracy ${percent(testAccuracy, 2)}, trained in ${duration(seconds)}`);
  return {
    layers: [784, ...architecture.hiddenLayers, 10],
    optimizer: architecture.optimizer,
    batchSize: architecture.batchSize,
    rows: study.train.count,
    lossCurve,
    testAccuracy,
    fitSeconds: seconds,
  };
}
