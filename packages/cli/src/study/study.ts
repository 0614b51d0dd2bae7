import { type FitControl, type GaussianMixtureModel, gaussianMixture, type Matrix } from 'cauda';
import { type MlpClassifier, mlpClassifier } from 'cauda/nn';
import type { BatchControl } from 'cauda/ood';
import type { Datasets, Split } from '../data/datasets.ts';
import { first, pixels } from '../data/images.ts';
import type { Mode } from '../result/sections/mixtures.ts';
import type { StudyOptions } from '../result/studyResult.ts';
import { fractionOf, type Progress } from '../terminal/progress.ts';
import { type TimedFit, timed } from '../timed.ts';

/** How many rows of each training set and of each test set a quick study uses. */
const QUICK = { train: 1500, test: 500 };

/** The notebook's network, and how it was trained. */
export const architecture = {
  hiddenLayers: [128, 64],
  optimizer: { name: 'sgd', learningRate: 0.001, momentum: 0.9 },
  batchSize: 32,
} as const;

/** Activations before the last hidden layer's ReLU, of the training digits, the test digits and the test garments. */
export interface ActivationSets {
  readonly train: Matrix;
  readonly id: Matrix;
  readonly ood: Matrix;
}

/**
 * What the sections of a study share: options, data, and the fits that more than one section needs. These fits are made
 * when they are first asked for, so that a resumed study repeats no more than it must; with the same seed they come out
 * the same.
 */
export class Study {
  readonly options: StudyOptions;
  readonly data: Datasets;
  readonly signal: AbortSignal;
  /** Writes one line of figures. */
  readonly print: (line: string) => void;
  /** Writes a file next to the result, whole or not at all. */
  readonly keep: (name: string, text: string) => Promise<void>;
  readonly train: Split;
  readonly test: Split;
  readonly fashionTest: Split;
  readonly #progress: Progress;
  #network: Promise<TimedFit<MlpClassifier>> | undefined;
  readonly #activations = new Map<Mode, Promise<ActivationSets>>();
  readonly #mixtures = new Map<string, Promise<TimedFit<GaussianMixtureModel>>>();

  constructor(
    options: StudyOptions,
    data: Datasets,
    signal: AbortSignal,
    progress: Progress,
    print: (line: string) => void,
    keep: (name: string, text: string) => Promise<void>,
  ) {
    this.options = options;
    this.data = data;
    this.signal = signal;
    this.print = print;
    this.keep = keep;
    this.#progress = progress;
    const { mnist, fashionMnist } = data;
    this.train = options.quick ? first(mnist.train, QUICK.train) : mnist.train;
    this.test = options.quick ? first(mnist.test, QUICK.test) : mnist.test;
    this.fashionTest = options.quick ? first(fashionMnist.test, QUICK.test) : fashionMnist.test;
  }

  /** What every fit is given: seed, workers, signal and progress. */
  control(task: string): FitControl {
    return { seed: this.options.seed, ...this.batchControl(task) };
  }

  /** What a method that takes many rows is given: workers, signal and progress. */
  batchControl(task: string): BatchControl {
    const { workers } = this.options;
    return {
      signal: this.signal,
      ...(workers === null ? {} : { workers }),
      onProgress: (event) => this.#progress.update(task, fractionOf(event)),
    };
  }

  /** The network, which is trained once. */
  network(): Promise<TimedFit<MlpClassifier>> {
    this.#network ??= timed(() =>
      mlpClassifier(pixels(this.train, 255), this.train.labels, {
        ...architecture,
        epochs: this.options.epochs,
        ...this.control('training the network'),
      }),
    );
    return this.#network;
  }

  /** The network's activations, computed once for each mode. */
  activations(mode: Mode): Promise<ActivationSets> {
    return remember(this.#activations, mode, async () => {
      const { model } = await this.network();
      const white = mode === 'properly' ? 255 : 1;
      const last = architecture.hiddenLayers.length - 1;
      const of = (split: Split) => model.activations(pixels(split, white)).before[last]!;
      return { train: of(this.train), id: of(this.test), ood: of(this.fashionTest) };
    });
  }

  /** The mixture of so many components, which is fitted to the training activations once. */
  mixture(mode: Mode, nComponents: number): Promise<TimedFit<GaussianMixtureModel>> {
    return remember(this.#mixtures, `${mode} ${nComponents}`, async () => {
      const { train } = await this.activations(mode);
      return timed(() =>
        gaussianMixture(train, {
          nComponents,
          ...this.control(`mixtures ${mode}, K = ${nComponents}`),
        }),
      );
    });
  }
}

function remember<Key, Value>(
  known: Map<Key, Promise<Value>>,
  key: Key,
  make: () => Promise<Value>,
): Promise<Value> {
  if (!known.has(key)) known.set(key, make());
  return known.get(key)!;
}
