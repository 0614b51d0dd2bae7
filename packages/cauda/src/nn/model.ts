import { sha256Of } from '../digest.ts';
import { checkLabels, type Labels } from '../labels.ts';
import type { Matrix, MatrixLike } from '../matrix.ts';
import { type SavedArray, SavedReader, saveArray, saveMatrix } from '../serialize.ts';
import type { Network, Views } from '../views.ts';
import { float32Matrix } from './inputs.ts';
import { type DenseLayer, type Layout, layoutOf, pack } from './layers.ts';
import { type Output, outputsOf } from './outputs.ts';

const LAYER_FORMAT = 'cauda.denseLayer';
const VERSION = 2;

/** A layer as it is saved. */
export interface SavedDenseLayer {
  readonly format: 'cauda.denseLayer';
  readonly version: number;
  readonly weights: SavedArray;
  readonly bias: SavedArray;
}

/** A classifier as it is saved. */
export interface SavedMlpClassifier {
  readonly format: 'cauda.mlpClassifier';
  readonly version: number;
  readonly classes: SavedArray;
  readonly layers: readonly SavedDenseLayer[];
  readonly lossCurve: SavedArray;
}

/** What every layer gives for some rows: one matrix a layer, nSamples × the layer's size, float32. */
export interface Activations {
  /** x · weights + bias; the last are the logits. */
  readonly before: Matrix[];
  /** The ReLU of `before`; the last are the softmax's probabilities. */
  readonly after: Matrix[];
}

/** What a classifier makes of its inputs, for detectors: one row an input. */
export interface MlpViews extends Views {
  /** Every hidden layer's output before its ReLU. */
  readonly layers: readonly Matrix[];
  /** What the last layer reads: the last hidden layer's output after its ReLU; the logits where there is none. */
  readonly features: Matrix;
  readonly logits: Matrix;
  readonly digest: string;
}

/**
 * A trained network of dense layers with ReLU between them and a softmax at the end. The methods take rows of as many
 * features as it was trained on, in any precision, and compute in float32.
 */
export class MlpClassifier implements Network {
  static readonly format: string = 'cauda.mlpClassifier';

  /** From input to output; copies of what the model works with. */
  readonly layers: readonly DenseLayer[];
  /** The distinct labels, ascending. */
  readonly classes: Int32Array;
  /** For each epoch, the mean over its batches of the batch's mean cross-entropy before its step, in nats. */
  readonly lossCurve: Float64Array;
  readonly #layout: Layout;
  readonly #parameters: Float32Array;
  #digest: string | undefined;

  /** Takes what `mlpClassifier` or `fromJSON` has made; sizes are not checked. */
  constructor(layers: readonly DenseLayer[], classes: Int32Array, lossCurve: Float64Array) {
    this.layers = Object.freeze(layers.map((layer) => Object.freeze({ ...layer })));
    this.classes = classes;
    this.lossCurve = lossCurve;
    this.#layout = layoutOf([layers[0]!.weights.rows, ...layers.map(({ bias }) => bias.length)]);
    this.#parameters = pack(layers, this.#layout);
    Object.freeze(this);
  }

  /** SHA-256 of the classes, the sizes of the layers and their parameters: of all that it computes with. */
  get digest(): string {
    this.#digest ??= digestOf(this.classes, this.layers, this.#parameters);
    return this.#digest;
  }

  /**
   * Predicts the most probable class of each row, the first of equals.
   * @returns its label; length nSamples
   */
  predict(X: MatrixLike): Int32Array {
    return this.#predict('MlpClassifier.predict', X);
  }

  /** The probability of each class, the softmax of the logits (nSamples × nClasses). */
  predictProba(X: MatrixLike): Matrix {
    return this.#outputs('MlpClassifier.predictProba', X, [
      { layer: this.layers.length - 1, stage: 'after' },
    ])[0]!;
  }

  /** The last layer's output before the softmax (nSamples × nClasses). */
  logits(X: MatrixLike): Matrix {
    return this.#outputs('MlpClassifier.logits', X, [{ layer: this.layers.length - 1, stage: 'before' }])[0]!;
  }

  /** Every layer's output, before and after its ReLU (the last: logits and probabilities). */
  activations(X: MatrixLike): Activations {
    const all = this.#outputs('MlpClassifier.activations', X, [
      ...this.#every('before'),
      ...this.#every('after'),
    ]);
    return { before: all.slice(0, this.layers.length), after: all.slice(this.layers.length) };
  }

  /** It is a `Network` whose inputs are rows. */
  get takesRows(): true {
    return true;
  }

  /**
   * What detectors read of its inputs, and what a guard before it makes of them itself.
   * @param inputs rows as it was trained on
   */
  views(inputs: unknown): MlpViews {
    const last = this.layers.length - 1;
    const beforeHead: Output[] = last > 0 ? [{ layer: last - 1, stage: 'after' }] : [];
    const wanted = [...this.#every('before'), ...beforeHead];
    const all = this.#outputs('MlpClassifier.views', inputs as MatrixLike, wanted);
    const logits = all[last]!;
    return { layers: all.slice(0, last), features: all[last + 1] ?? logits, logits, digest: this.digest };
  }

  /**
   * Accuracy: the share of rows whose predicted class is their label.
   * @throws RangeError if labels has not one integer a row
   */
  score(X: MatrixLike, labels: Labels): number {
    const predicted = this.#predict('MlpClassifier.score', X);
    const right = checkLabels('MlpClassifier.score', labels, predicted.length);
    return predicted.filter((label, i) => label === right[i]).length / predicted.length;
  }

  /** Plain data for JSON; `fromJSON` gives a model with the same bits. */
  toJSON(): SavedMlpClassifier {
    return {
      format: 'cauda.mlpClassifier',
      version: VERSION,
      classes: saveArray(this.classes),
      layers: this.layers.map(({ weights, bias }) => ({
        format: LAYER_FORMAT,
        version: VERSION,
        weights: saveMatrix(weights),
        bias: saveArray(bias),
      })),
      lossCurve: saveArray(this.lossCurve),
    };
  }

  /** @throws TypeError or RangeError, naming the field, for anything that `toJSON` did not write */
  static fromJSON(value: unknown): MlpClassifier {
    const who = 'MlpClassifier.fromJSON';
    const saved = new SavedReader(who, value, MlpClassifier.format, VERSION);
    const classes = saved.integers('classes');
    if (classes.length < 2 || classes.some((label, i) => label <= classes[i - 1]!))
      saved.fail('classes', 'at least two ascending 32-bit integers');
    const values = saved.field('layers');
    if (!Array.isArray(values) || values.length === 0) saved.fail('layers', 'an array of at least one layer');
    const layers: DenseLayer[] = [];
    for (const value of values as unknown[]) {
      const l = layers.length;
      const fanOut = l === (values as unknown[]).length - 1 ? classes.length : undefined;
      layers.push(readLayer(`${who}: layers[${l}]`, value, layers[l - 1]?.bias.length, fanOut));
    }
    return new MlpClassifier(layers, classes, saved.numbers('lossCurve'));
  }

  /** Every layer's output at one stage. */
  #every(stage: Output['stage']): Output[] {
    return this.layers.map((_, layer) => ({ layer, stage }));
  }

  #predict(who: string, X: MatrixLike): Int32Array {
    const [logits] = this.#outputs(who, X, [{ layer: this.layers.length - 1, stage: 'before' }]);
    const { data, rows, cols } = logits!;
    return Int32Array.from({ length: rows }, (_, i) => {
      let best = 0;
      for (let j = 1; j < cols; j++) if (data[i * cols + j]! > data[i * cols + best]!) best = j;
      return this.classes[best]!;
    });
  }

  #outputs(who: string, X: MatrixLike, wanted: readonly Output[]): Matrix[] {
    const matrix = float32Matrix(X, who, this.#layout.places[0]!.fanIn);
    return outputsOf(matrix, this.#layout, this.#parameters, wanted);
  }
}

function digestOf(classes: Int32Array, layers: readonly DenseLayer[], parameters: Float32Array): string {
  const sizes = Int32Array.from(layers.flatMap(({ weights }) => [weights.rows, weights.cols]));
  return sha256Of([Int32Array.of(classes.length), classes, sizes, parameters]);
}

/** Reads a layer, whose values must be finite in float32. */
function readLayer(who: string, value: unknown, fanIn?: number, fanOut?: number): DenseLayer {
  const saved = new SavedReader(who, value, LAYER_FORMAT, VERSION);
  const weights = float32Matrix(saved.matrix('weights', fanIn, fanOut), `${who}: weights`);
  const bias = Float32Array.from(saved.numbers('bias', weights.cols));
  if (!bias.every(Number.isFinite)) saved.fail('bias', 'finite in float32');
  return { weights, bias };
}
