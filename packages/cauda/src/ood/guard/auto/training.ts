import { describe } from '../../../check.ts';
import { checkLabels, distinct, indicesIn, type Labels } from '../../../labels.ts';
import { Matrix, type MatrixLike } from '../../../matrix.ts';
import { Random } from '../../../random.ts';
import type { FeatureMap } from '../../../views.ts';
import { type PooledView, type Preparation, pooledViews } from '../../detectors/preparation.ts';

/** The steps that come before a guard's layers. */
export type LayerSteps = Pick<Preparation, 'layers'>;

/** What `autoGuard` learns from: what the network made of its training rows. */
export interface GuardTraining {
  /**
   * Activations of hidden layers, better before their ReLU (each nSamples × its size). Of feature maps, the channels of
   * images or the features of tokens, the mean over the positions is taken.
   */
  readonly layers: readonly (MatrixLike | FeatureMap)[];
  /** The network's outputs before the softmax (nSamples × nClasses). */
  readonly logits: MatrixLike;
  /** The class of each row, any 32-bit integers; length nSamples. */
  readonly labels: Labels;
}

/** The same, checked. */
export interface CheckedTraining {
  readonly layers: readonly Matrix[];
  readonly logits: Matrix;
  readonly labels: Int32Array;
}

/** The same before its layers are prepared. */
export interface PooledTraining extends Omit<CheckedTraining, 'layers'> {
  readonly layers: readonly PooledView[];
}

/** The rows in two parts, by their indices: those that detectors are fitted to, and those that they are judged by. */
export interface HeldOut {
  readonly fitted: Int32Array;
  readonly held: Int32Array;
}

/** One row in so many of each class is held out. */
const HELD = 5;

/** The fewest rows that leave enough to hold out. */
const FEWEST = 50;

/** @throws TypeError or RangeError naming what is missing, uneven, not finite or too little */
export function checkTraining(who: string, training: GuardTraining, prepare: LayerSteps): PooledTraining {
  const { layers, logits, labels } = training ?? {};
  if (!Array.isArray(layers) || layers.length === 0)
    throw new TypeError(
      `${who}: layers must be an array of at least one layer's activations; got ${describe(layers)}`,
    );
  if (logits === undefined)
    throw new TypeError(`${who}: logits are missing: the network's outputs before the softmax`);
  if (labels === undefined) throw new TypeError(`${who}: labels are missing: the class of each row`);
  const outputs = Matrix.from(logits, { who: `${who}: logits` });
  const pooled = pooledViews(who, { layers }, prepare);
  const uneven = pooled.findIndex(({ matrix }) => matrix.rows !== outputs.rows);
  if (uneven >= 0)
    throw new RangeError(
      `${who}: layers[${uneven}] has ${pooled[uneven]!.matrix.rows} rows but logits have ${outputs.rows}`,
    );
  const checked = checkLabels(who, labels, outputs.rows);
  const classes = distinct(checked);
  if (classes.length > outputs.cols)
    throw new RangeError(
      `${who}: logits have ${outputs.cols} column${outputs.cols === 1 ? '' : 's'}, but labels has ${classes.length} classes (${classes.slice(0, 10).join(', ')}${classes.length > 10 ? ', …' : ''}); give an output a class`,
    );
  if (outputs.rows < FEWEST)
    throw new RangeError(`${who}: expected at least ${FEWEST} training rows; got ${outputs.rows}`);
  return { layers: pooled, logits: outputs, labels: checked };
}

/** Every fifth row of each class, in an order drawn by the seed, is held out; both parts ascend. */
export function holdOut(labels: Int32Array, seed: number): HeldOut {
  const random = new Random(seed);
  const order = random.permutation(labels.length);
  const classes = distinct(labels);
  const seen = new Int32Array(classes.length);
  const indices = indicesIn(classes, labels);
  const held: number[] = [];
  const fitted: number[] = [];
  for (const row of order) (++seen[indices[row]!]! % HELD === 0 ? held : fitted).push(row);
  if (held.length === 0) held.push(...fitted.splice(-HELD)); // every class has fewer than five rows
  return { fitted: Int32Array.from(fitted).sort(), held: Int32Array.from(held).sort() };
}
