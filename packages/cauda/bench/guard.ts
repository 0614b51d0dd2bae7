import { MlpClassifier, mlpClassifier } from '../src/nn/index.ts';
import { autoGuard, calibrate, loadGuard } from '../src/ood/index.ts';
import { loadBenchData } from './data.ts';
import { median } from './subject.ts';

/**
 * npm run bench -- guard
 *
 * What a guard costs, from pixels to one check, with the training of `cauda guard protocols`: there is no peer to time.
 */
export async function measureGuard(): Promise<void> {
  const { source, pixels, labels } = await loadBenchData();
  const clock = async <Result>(what: string, work: () => Result | Promise<Result>): Promise<Result> => {
    const start = performance.now();
    const result = await work();
    console.log(`${what}: ${((performance.now() - start) / 1000).toFixed(2)} s`);
    return result;
  };
  console.log(`data: ${source}, ${pixels.rows} training rows`);
  const network = await clock('mlpClassifier 784-128-64-10, 20 epochs of Adam on moved images', () =>
    mlpClassifier(pixels, labels, {
      optimizer: { name: 'adam', learningRate: 0.002 },
      schedule: 'cosine',
      batchSize: 128,
      epochs: 20,
      augment: { shape: [28, 28], shift: 1 },
    }),
  );
  const views = await clock('activations', () => network.views(pixels));
  const { layers, logits } = views;
  const detector = await clock('autoGuard', () => autoGuard({ layers, logits, labels }));
  console.log(detector.explanation);
  const guard = await calibrate(detector, { layers, logits }, { alpha: 0.05, network }); // familiar enough for timing
  const text = await clock('JSON.stringify', () => JSON.stringify(guard));
  console.log(`guard.json: ${(text.length / 1e6).toFixed(2)} MB`);
  const loaded = await clock('loadGuard', () => loadGuard(text, { networks: [MlpClassifier] }));
  const rows = Array.from({ length: Math.min(2000, pixels.rows) }, (_, i) => ({
    activations: { layers: layers.map((layer) => layer.row(i)), logits: logits.row(i) },
    pixels: [pixels.row(i)],
  }));
  for (const [what, check] of [
    ['activations', (row: (typeof rows)[number]) => loaded.check(row.activations)],
    ['pixels, network included', (row: (typeof rows)[number]) => loaded.checkAll(network.views(row.pixels))],
  ] as const) {
    const times = Array.from({ length: 9 }, () => {
      const start = performance.now();
      for (const row of rows) check(row);
      return ((performance.now() - start) * 1000) / rows.length;
    });
    console.log(
      `check of one row, ${what}: median ${median(times).toFixed(1)} µs, best ${Math.min(...times).toFixed(1)}`,
    );
  }
}
