import { Random } from 'cauda';
import { autoGuard, calibrate } from 'cauda/ood';
import type { Split } from '../../data/datasets.ts';
import { pixels, take } from '../../data/images.ts';
import { labelName } from '../../data/labelName.ts';
import { detectorName, fooledAnswer, guardAnswer, promiseAnswer } from '../../result/answers/guard.ts';
import { inMode } from '../../result/answers/mixtures.ts';
import { GUARD_FILE, type GuardSection } from '../../result/sections/guard.ts';
import type { MixturesSection } from '../../result/sections/mixtures.ts';
import { count, duration, fixed, megabytes, microseconds, percent } from '../../text/format.ts';
import { row } from '../../text/row.ts';
import { timed } from '../../timed.ts';
import { casesOf } from '../guard/cases.ts';
import { checkTimes } from '../guard/checkTimes.ts';
import { figuresOf } from '../guard/figures.ts';
import { judge } from '../guard/judge.ts';
import { architecture, type Study } from '../study.ts';

/** The largest share of digits that the guard may flag. */
const ALPHA = 0.05;
const widths = [-16, 7, 17, 12, 12];

/** Makes a guard for the study's network, compares it, asks it about images, and writes it to a file. */
export async function guardSection(
  study: Study,
  mixtures: MixturesSection,
): Promise<Omit<GuardSection, 'seconds'>> {
  const { train, fashionTest, options } = study;
  const { model: network } = await study.network();
  const [calibration, test] = halves(study.test, options.seed);
  study.print(
    `  fitted to ${count(train.count)} training digits, calibrated on ${count(calibration.count)} test digits, judged on the other ${count(test.count)} and on ${count(fashionTest.count)} garments`,
  );
  const training = network.views(pixels(train, 255));
  const { model: detector, seconds: fitSeconds } = await timed(() =>
    autoGuard({ ...training, labels: train.labels }, study.control('autoGuard')),
  );
  for (const line of detector.explanation.split('\n')) study.print(`  ${line}`);
  const guard = await calibrate(
    detector,
    { inputs: pixels(calibration, 255) },
    {
      alpha: ALPHA,
      network,
      labelNames: digitNames,
      notes: notesOf(study),
      ...study.control('calibrating the guard'),
    },
  );

  const nComponents = inMode(mixtures, 'properly')!.best.bic;
  const { model: mixture } = await study.mixture('properly', nComponents);
  const control = study.batchControl('judging the guard');
  const id = await judge('MNIST', test, guard, network, mixture, control);
  const ood = await judge('Fashion-MNIST', fashionTest, guard, network, mixture, control);
  const saved = guard.toJSON();
  const text = `${JSON.stringify(saved)}\n`;
  const section: Omit<GuardSection, 'seconds'> = {
    rows: { training: train.count, calibration: calibration.count, id: test.count, ood: fashionTest.count },
    layers: architecture.hiddenLayers,
    choices: detector.choices,
    fitSeconds,
    nComponents,
    ...figuresOf(guard, id, ood, options.seed),
    ...casesOf(id, ood),
    file: { bytes: Buffer.byteLength(text), checksum: saved.checksum },
    checkSeconds: checkTimes(guard, network, test),
  };
  await study.keep(GUARD_FILE, text);
  print(study, section);
  return section;
}

/** Writes figures and answers to the terminal. */
function print({ print }: Study, section: Omit<GuardSection, 'seconds'>): void {
  const { detectors, nComponents, fooled, file, checkSeconds, fitSeconds } = section;
  print(row(['detector', 'AUROC', '95 % interval', 'FPR95, ID +', 'FPR95, OOD +'], widths));
  for (const { detector, auroc, fpr95PositiveId, fpr95PositiveOod } of detectors)
    print(
      row(
        [
          detectorName(detector, nComponents),
          fixed(auroc.value, 4),
          `${fixed(auroc.low, 4)} – ${fixed(auroc.high, 4)}`,
          percent(fpr95PositiveId.value),
          percent(fpr95PositiveOod.value),
        ],
        widths,
      ),
    );
  for (const answer of [guardAnswer, promiseAnswer, fooledAnswer]) print(`  ${answer(section)}`);
  for (const { image, read, probability, pValue, flagged } of fooled)
    print(
      `    ${image.labels[0]}, read as ${read} (${percent(probability, 2)}): p = ${fixed(pValue, 4)}, ${flagged ? 'flagged' : 'accepted'}`,
    );
  print(
    `  ${GUARD_FILE}: ${megabytes(file.bytes)}; one check takes ${microseconds(checkSeconds.activations)} (median; ${microseconds(checkSeconds.pixels)} with the network), the fit took ${duration(fitSeconds)}`,
  );
}

const digitNames = Array.from({ length: 10 }, (_, digit) => labelName('MNIST', digit));

/**
 * Divides a test set at random: MNIST's second half is harder than its first, and a promise holds for rows like those
 * of the calibration.
 */
function halves(split: Split, seed: number): [Split, Split] {
  const order = new Random(seed).permutation(split.count);
  const half = split.count >> 1;
  return [take(split, order.subarray(0, half)), take(split, order.subarray(half))];
}

/** Says in the guard's file where it comes from, since it will be used without this study. */
function notesOf({ data, options, train }: Study): Record<string, string | number> {
  return {
    inputs: '28 × 28 gray values, row after row, divided by 255',
    data: `MNIST, ${data.source === 'full' ? 'the full sets' : "Cauda's sample"}`,
    network: `${[784, ...architecture.hiddenLayers, 10].join('-')}, trained on ${train.count} digits`,
    trainingImages: `sha256:${data.digests['mnist/train-images-idx3-ubyte']}`,
    calibration: 'half of the test digits, drawn by the seed',
    calibrationImages: `sha256:${data.digests['mnist/t10k-images-idx3-ubyte']}`,
    seed: options.seed,
    epochs: options.epochs,
  };
}
