import { admit } from '../door.ts';
import { checkLabels, distinct, indicesIn, type Labels } from '../labels.ts';
import type { MatrixLike } from '../matrix.ts';
import { withSession } from '../parallel/session.ts';
import { Random } from '../random.ts';
import { float32Matrix } from './inputs.ts';
import { initialLayers, layoutOf, pack, unpack } from './layers.ts';
import { MlpClassifier } from './model.ts';
import { type CheckedAugment, checkMlpClassifierOptions, type MlpClassifierOptions } from './options.ts';
import { mlpProgram } from './program.ts';

/** Multiply-adds between two looks at the abort signal: some milliseconds. */
const SLICE = 4e8;

/**
 * Trains a network of dense layers with ReLU between them and a softmax at the end, by mini-batches, on the mean
 * cross-entropy
 *   L = −1/b Σ_i log softmax(z_i)[y_i].
 * Semantics are torch's: `nn.Linear` with its initialization, `CrossEntropyLoss`, `SGD` or `Adam`. Rows are shuffled
 * each epoch, and moved a little if they are images and `augment` says so. Parameters and arithmetic are float32; the same seed gives the same bits on every machine, with or without
 * a worker. One thread trains: the calling one with `workers: 0`, otherwise a worker.
 *
 * @param X nSamples × nFeatures; zeros are skipped in the first layer where many values are zero
 * @param labels an integer for each row; the distinct ones become the classes
 * @throws TypeError or RangeError (rejects) for X, labels or options that are none, and if the loss overflows
 */
export async function mlpClassifier(
  X: MatrixLike,
  labels: Labels,
  options: MlpClassifierOptions = {},
): Promise<MlpClassifier> {
  const checked = checkMlpClassifierOptions(options);
  const matrix = float32Matrix(admit('mlpClassifier', X), 'mlpClassifier: X');
  const classOf = checkLabels('mlpClassifier', labels, matrix.rows);
  const classes = distinct(classOf);
  if (classes.length < 2)
    throw new RangeError(`mlpClassifier: labels must have at least two classes; all are ${classes[0]}`);

  checkShape(checked.augment, matrix.cols);
  const { seed, epochs, optimizer, schedule, augment, signal, workers, onProgress } = checked;
  const batchSize = Math.min(checked.batchSize, matrix.rows);
  const batches = Math.ceil(matrix.rows / batchSize);
  const sizes = [matrix.cols, ...checked.hiddenLayers, classes.length];
  const layout = layoutOf(sizes);
  const parameters = pack(initialLayers(sizes, new Random(seed).stream(0)), layout);
  const config = { sizes, parameters, optimizer, schedule, augment, batchSize, epochs, seed };
  const columns = { targets: indicesIn(classes, classOf) };
  const slice = Math.max(1, Math.floor(SLICE / (3 * layout.length * batchSize))); // forward and twice back

  return withSession(
    mlpProgram,
    matrix,
    config,
    { workers, signal, columns, whole: true },
    async (session) => {
      const lossCurve = new Float64Array(epochs);
      for (let epoch = 0; epoch < epochs; epoch++) {
        let sum = 0;
        for (let from = 0; from < batches; from += slice) {
          const to = Math.min(from + slice, batches);
          const [losses] = await session.gather('train', { epoch, from, to });
          for (const loss of losses!) sum += loss;
        }
        lossCurve[epoch] = sum / batches;
        if (!Number.isFinite(sum)) throw diverged(epoch);
        onProgress?.({
          task: 'mlpClassifier',
          iteration: epoch + 1,
          maxIterations: epochs,
          run: 0,
          runs: 1,
          objective: lossCurve[epoch]!,
        });
      }
      const [trained] = await session.gather('parameters', null);
      if (!trained!.every(Number.isFinite)) throw diverged(epochs - 1);
      return new MlpClassifier(unpack(trained!, layout), classes, lossCurve);
    },
  );
}

function checkShape(augment: CheckedAugment | undefined, cols: number): void {
  if (!augment) return;
  const { lines, width, shape } = augment;
  if (lines * width !== cols)
    throw new RangeError(
      `mlpClassifier: augment: ${shape.join(' × ')} images have ${lines * width} values but X has ${cols} columns`,
    );
}

function diverged(epoch: number): RangeError {
  return new RangeError(
    `mlpClassifier: the loss overflowed in epoch ${epoch + 1}; try a smaller learningRate or scaled data`,
  );
}
