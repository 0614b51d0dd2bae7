import { Breather } from '../../breather.ts';
import { Matrix, type MatrixLike } from '../../matrix.ts';
import type { Network, Views } from '../../views.ts';
import { cutView, isFeatureMap } from '../detectors/base/featureMaps.ts';

/** Rows that a network is given at once: always the same, since a network's bits may depend on it. */
const BLOCK = 256;

/**
 * What a network makes of its inputs, part by part: a matrix in blocks of rows, everything else at once. Timers are
 * served between the blocks.
 * @throws whatever the network throws; the signal's reason once it is aborted
 */
export async function* networkViews(
  network: Network,
  inputs: unknown,
  signal: AbortSignal | undefined,
): AsyncGenerator<Views> {
  const breather = new Breather(signal);
  const control = signal ? { signal } : {};
  const matrix = matrixOf(inputs);
  if (!matrix) yield await network.views(inputs, control);
  else
    for (let first = 0; first < matrix.rows; first += BLOCK) {
      yield await network.views(cutView(matrix, first, Math.min(matrix.rows, first + BLOCK)), control);
      await breather.breathe();
    }
}

/** The inputs as a matrix, undefined if they are none: then the network knows what they are, or what is wrong. */
export function matrixOf(inputs: unknown): Matrix | undefined {
  if (isFeatureMap(inputs)) return undefined;
  try {
    return Matrix.from(inputs as MatrixLike);
  } catch {
    return undefined;
  }
}
