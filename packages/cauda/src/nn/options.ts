import {
  checkOptions,
  controlRules,
  integerIn,
  numberIn,
  oneOf,
  type Rule,
  required,
  shaped,
} from '../check.ts';
import type { FitControl } from '../parallel/session.ts';

/** Gradient descent with momentum, as torch's: v = momentum · v + g, w −= learningRate · v. */
export interface SgdOptions {
  name: 'sgd';
  /** Defaults to 0.001. */
  learningRate?: number;
  /** In [0, 1); defaults to 0.9. */
  momentum?: number;
}

/** Adam (Kingma and Ba, ICLR 2015) with bias correction, as torch's. */
export interface AdamOptions {
  name: 'adam';
  /** Defaults to 0.001. */
  learningRate?: number;
  /** Decay of the mean gradient, in [0, 1); defaults to 0.9. */
  beta1?: number;
  /** Decay of the mean squared gradient, in [0, 1); defaults to 0.999. */
  beta2?: number;
  /** Added to the root of the mean squared gradient; defaults to 1e-8. */
  epsilon?: number;
}

/** Random changes of images that leave their class as it is. */
export interface AugmentOptions {
  /** What a row of X is: [height, width] or [height, width, channels], row-major as its product of values. */
  shape: readonly number[];
  /**
   * The most pixels that an image is moved by, up or down and left or right; less than height and width, defaults to
   * 1.
   */
  shift?: number;
}

/** Options of `mlpClassifier`. */
export interface MlpClassifierOptions extends FitControl {
  /** Sizes of the hidden layers, from the input on; [] for plain softmax regression. Defaults to [128, 64]. */
  hiddenLayers?: readonly number[];
  /** Defaults to { name: "sgd", learningRate: 0.001, momentum: 0.9 }. */
  optimizer?: SgdOptions | AdamOptions;
  /** "cosine" lowers the learning rate along half a cosine, batch by batch, to 0; defaults to "constant". */
  schedule?: 'constant' | 'cosine';
  /** Rows a step; the last batch of an epoch holds what is left. Defaults to 32. */
  batchSize?: number;
  /** Passes over all rows; defaults to 10. */
  epochs?: number;
  /**
   * For rows that are images: in every epoch each is moved by whole pixels, drawn uniformly from −shift … shift downwards
   * and likewise to the right; zeros come in. Defaults to none.
   */
  augment?: AugmentOptions;
}

/** The optimizer with every option filled in. */
export type CheckedOptimizer = Readonly<Required<SgdOptions>> | Readonly<Required<AdamOptions>>;

/** How many lines an image has, and how many elements a line. */
export interface CheckedAugment {
  /** The shape as it was given. */
  readonly shape: readonly number[];
  readonly lines: number;
  /** Pixels a line times channels. */
  readonly width: number;
  readonly channels: number;
  readonly shift: number;
}

/** What the fit works with. */
export type CheckedMlpClassifierOptions = Readonly<
  FitControl &
    Required<Omit<MlpClassifierOptions, keyof FitControl | 'optimizer' | 'augment'>> & {
      seed: number;
      optimizer: CheckedOptimizer;
      augment: CheckedAugment | undefined;
    }
>;

const decay: Rule = {
  expected: 'a number in [0, 1)',
  kind: (value) => typeof value === 'number',
  range: (value: number) => value >= 0 && value < 1,
};
const positive = numberIn(0, Infinity, { openLow: true });

const sgdRules = { name: oneOf('sgd'), learningRate: positive, momentum: decay };
const adamRules = {
  name: oneOf('adam'),
  learningRate: positive,
  beta1: decay,
  beta2: decay,
  epsilon: positive,
};
const sgdDefaults = { learningRate: 0.001, momentum: 0.9 };
const adamDefaults = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

const isSize = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1;

const augmentRules = {
  shape: required({
    expected: '[height, width] or [height, width, channels], positive integers',
    kind: Array.isArray,
    range: (shape: readonly number[]) => (shape.length === 2 || shape.length === 3) && shape.every(isSize),
  }),
  shift: integerIn(1, Infinity),
};

const rules = {
  ...controlRules,
  hiddenLayers: {
    expected: 'an array of positive integers',
    kind: Array.isArray,
    range: (sizes: readonly number[]) => sizes.every(isSize),
  },
  optimizer: shaped('{ name: "sgd" or "adam", … }', (value) =>
    ['sgd', 'adam'].includes((value as { name?: string } | null)?.name as string),
  ),
  schedule: oneOf('constant', 'cosine'),
  batchSize: integerIn(1, Infinity),
  epochs: integerIn(1, Infinity),
  augment: shaped('{ shape: [height, width], … }', (value) => typeof value === 'object' && value !== null),
};
const defaults = {
  seed: 0,
  hiddenLayers: [128, 64] as readonly number[],
  optimizer: { name: 'sgd' } as SgdOptions | AdamOptions,
  schedule: 'constant' as const,
  batchSize: 32,
  epochs: 10,
};

/** @throws TypeError or RangeError that names the option */
export function checkMlpClassifierOptions(options: MlpClassifierOptions): CheckedMlpClassifierOptions {
  const checked = checkOptions('mlpClassifier', options, rules, defaults);
  return Object.freeze({
    ...checked,
    hiddenLayers: Object.freeze([...checked.hiddenLayers]),
    optimizer: checkOptimizer(checked.optimizer),
    augment: checked.augment && checkAugment(checked.augment),
  });
}

function checkAugment(augment: AugmentOptions): CheckedAugment {
  const who = 'mlpClassifier: augment';
  const { shape, shift } = checkOptions(who, augment, augmentRules, { shift: 1 });
  const [height, width, channels = 1] = shape as readonly [number, number, number?];
  if (shift >= Math.min(height, width))
    throw new RangeError(
      `${who}: shift must be less than the height and the width, ${height} × ${width}; got ${shift}`,
    );
  return Object.freeze({ shape: [...shape], lines: height, width: width * channels, channels, shift });
}

function checkOptimizer(optimizer: SgdOptions | AdamOptions): CheckedOptimizer {
  const who = 'mlpClassifier: optimizer';
  return optimizer.name === 'sgd'
    ? checkOptions(who, optimizer, sgdRules, sgdDefaults)
    : checkOptions(who, optimizer, adamRules, adamDefaults);
}
