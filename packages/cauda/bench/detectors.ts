import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Matrix } from '../src/index.ts';
import { readIdx } from '../src/io/index.ts';
import { type MlpClassifierOptions, mlpClassifier } from '../src/nn/index.ts';
import * as ood from '../src/ood/index.ts';
import { dataDirectory } from './data.ts';

/**
 * npm run bench -- detectors
 *
 * How well each detector tells the familiar from the unfamiliar, as a table for docs/guards.md: AUROC on unknown digits
 * (near; the mean over five splits, the network trained on the known digits alone) and on Fashion-MNIST (far), for two
 * trainings of the study's network. No option of a detector was chosen by these figures.
 */
const trainings: Record<string, MlpClassifierOptions> = {
  notebook: { optimizer: { name: 'sgd', learningRate: 0.001, momentum: 0.9 }, batchSize: 32, epochs: 10 },
  better: {
    optimizer: { name: 'adam', learningRate: 0.002 },
    schedule: 'cosine',
    batchSize: 128,
    epochs: 10,
  },
};
/** The splits of `cauda guard protocols`: every digit is unknown twice, every two splits share one. */
const unknownDigits = [
  [6, 7, 8, 9],
  [0, 1, 2, 6],
  [0, 3, 4, 7],
  [1, 3, 5, 8],
  [2, 4, 5, 9],
];
/** Rows that `knn` keeps. */
const BANK = 10_000;

interface Images {
  readonly pixels: Matrix;
  readonly labels: Int32Array;
}

async function images(set: string, name: string): Promise<Images> {
  const folder = join(dataDirectory(), '..', set);
  const read = async (kind: string) => {
    const path = join(folder, `${name}-${kind}-ubyte.gz`);
    if (!existsSync(path)) throw new Error(`bench: ${path} is missing`);
    return (await readIdx(readFileSync(path))).data as Uint8Array;
  };
  const data = Float32Array.from(await read('images-idx3'), (value) => value / 255);
  return {
    pixels: new Matrix(data, data.length / 784, 784),
    labels: Int32Array.from(await read('labels-idx1')),
  };
}

function where({ pixels, labels }: Images, keep: (label: number) => boolean): Images {
  const rows = Array.from(labels.keys()).filter((i) => keep(labels[i]!));
  return { pixels: pixels.take(rows), labels: Int32Array.from(rows, (i) => labels[i]!) };
}

/** AUROC of every detector, by its row of the table. */
async function evaluate(
  options: MlpClassifierOptions,
  train: Images,
  id: Matrix,
  out: Matrix,
  pixels: Record<string, number>,
): Promise<Record<string, number>> {
  const net = await mlpClassifier(train.pixels, train.labels, options);
  const head = net.layers.at(-1)!;
  const labels = Int32Array.from(train.labels, (label) => net.classes.indexOf(label));
  const views = (X: Matrix) => {
    const { before, after } = net.activations(X);
    return { first: before[0]!, last: before[1]!, features: after[1]!, logits: before[2]! };
  };
  const [seen, familiar, unfamiliar] = [views(train.pixels), views(id), views(out)];
  const bank = (X: Matrix) => X.take(Array.from({ length: Math.min(BANK, X.rows) }, (_, i) => i));
  const result: Record<string, number> = { ...pixels };
  const measure = async (
    row: string,
    detector: ood.Detector | Promise<ood.Detector>,
    layer: 'first' | 'last' | 'features' = 'features',
  ) => {
    const score = (given: ReturnType<typeof views>) =>
      fitted.score({ logits: given.logits, features: given[layer], layers: [given.first, given.last] });
    const fitted = await detector;
    result[row] = ood.auroc(score(familiar), score(unfamiliar));
  };

  await measure('`maxSoftmax`', ood.maxSoftmax());
  await measure('`maxLogit`', ood.maxLogit());
  await measure('`energy`', ood.energy());
  await measure('`entropy`', ood.entropy());
  await measure('`generalizedEntropy`', ood.generalizedEntropy());
  await measure('`klMatching`', ood.klMatching(seen));
  for (const [layer, name] of [
    ['first', 'first hidden'],
    ['last', 'last hidden'],
  ] as const) {
    const features = seen[layer];
    await measure(`\`mahalanobis\`, ${name}`, ood.mahalanobis({ features, labels }), layer);
    await measure(`\`relativeMahalanobis\`, ${name}`, ood.relativeMahalanobis({ features, labels }), layer);
    await measure(`\`classGaussians\`, ${name}`, ood.classGaussians({ features, labels }), layer);
    await measure(
      `\`classGaussians\`, 4 a class, ${name}`,
      ood.classGaussians({ features, labels }, { perClass: 4 }),
      layer,
    );
    await measure(`\`knn\`, ${name}`, ood.knn({ features: bank(features) }), layer);
    await measure(
      `\`knn\`, k = 50, normalized, ${name}`,
      ood.knn({ features: bank(features) }, { k: 50, normalize: true }),
      layer,
    );
  }
  await measure(
    '`mixtureDetector`, K = 10, last hidden',
    ood.mixtureDetector({ features: seen.last }, { nComponents: 10 }),
    'last',
  );
  const training = { features: seen.features, head, labels };
  await measure('`residual`', ood.residual(training));
  await measure('`vim`', ood.vim(training));
  await measure('`she`', ood.she(training));
  await measure('`nci`', ood.nci(training));
  await measure('`fdbd`', ood.fdbd(training));
  await measure('`react`', ood.react(training));
  for (const variant of ['p', 'b', 's'] as const)
    await measure(`\`ash\`, ${variant}`, ood.ash(training, { variant }));
  await measure('`scale`', ood.scale(training));
  await measure('`dice`', ood.dice(training));
  const gaussians = await ood.classGaussians({ features: seen.first, labels });
  for (const by of ['sum', 'max', 'fisher'] as const)
    await measure(
      `\`combine\` of \`classGaussians\` (first hidden) and \`energy\`, ${by}`,
      ood.combine(
        [{ detector: gaussians, layer: 0 }, ood.energy()],
        { layers: [seen.first], logits: seen.logits },
        { by },
      ),
    );
  const { first, last, logits } = seen;
  await measure('`autoGuard`', ood.autoGuard({ layers: [first, last], logits, labels }));
  return result;
}

/** The detectors that look at pixels, which no training of the network changes. */
async function evaluatePixels(train: Images, id: Matrix, out: Matrix): Promise<Record<string, number>> {
  const result: Record<string, number> = {};
  for (const relative of [false, true]) {
    const detector = await ood.pcaResidual({ features: train.pixels }, { relative });
    const [familiar, unfamiliar] = [id, out].map((features) => detector.score({ features }));
    const row = `\`pcaResidual\`, ${relative ? 'relative' : 'absolute'}, pixels`;
    result[row] = ood.auroc(familiar!, unfamiliar!);
  }
  return result;
}

export async function measureDetectors(): Promise<void> {
  const train = await images('mnist', 'train');
  const test = await images('mnist', 't10k');
  const fashion = await images('fashion-mnist', 't10k');
  const problems = [
    { train, id: test.pixels, out: fashion.pixels },
    ...unknownDigits.map((digits) => ({
      train: where(train, (label) => !digits.includes(label)),
      id: where(test, (label) => !digits.includes(label)).pixels,
      out: where(test, (label) => digits.includes(label)).pixels,
    })),
  ];
  const columns: Record<string, number>[] = [];
  const pixels: Record<string, number>[] = [];
  for (const { train, id, out } of problems) pixels.push(await evaluatePixels(train, id, out));
  for (const options of Object.values(trainings)) {
    const figures: Record<string, number>[] = [];
    for (const [p, { train, id, out }] of problems.entries())
      figures.push(await evaluate(options, train, id, out, pixels[p]!));
    const [far, ...near] = figures;
    const mean = (row: string) => near.reduce((sum, split) => sum + split[row]!, 0) / near.length;
    columns.push(Object.fromEntries(Object.keys(far!).map((row) => [row, mean(row)])), far!);
  }
  console.log(`data: ${dataDirectory()}, ${train.pixels.rows} training rows`);
  console.log(
    `| detector | ${Object.keys(trainings)
      .flatMap((t) => [`near, ${t}`, `far, ${t}`])
      .join(' | ')} |`,
  );
  console.log(`|:--|${'--:|'.repeat(columns.length)}`);
  for (const row of Object.keys(columns[0]!))
    console.log(`| ${row} | ${columns.map((column) => column[row]!.toFixed(4).slice(1)).join(' | ')} |`);
}
