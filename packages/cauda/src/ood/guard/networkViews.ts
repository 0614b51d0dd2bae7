import { Breather } from '../../breather.ts';
import { Matrix, type MatrixLike } from '../../matrix.ts';
import type { Network, Views } from '../../views.ts';
import { cutView } from '../detectors/base/featureMaps.ts';

/** Rows that a network which takes rows is given at once: always the same, since its bits may depend on it. */
const BLOCK = 256;

/** What a network makes of some of its inputs. */
export interface NetworkViews {
  readonly views: Views;
  /** How many inputs these are, and how many there are in all, where that is known. */
  readonly inputs: number | undefined;
  readonly allInputs: number | undefined;
}

/**
 * What a network makes of its inputs: one that takes rows gets a matrix, in blocks between which timers are served, and
 * every other gets the inputs as they are, at once.
 * @param who the function the caller called; it begins the messages about inputs
 * @throws TypeError or RangeError for inputs that are no rows, if the network takes rows; whatever the network throws; the
 *   signal's reason once it is aborted
 */
export async function* networkViews(
  who: string,
  network: Network,
  inputs: unknown,
  signal: AbortSignal | undefined,
): AsyncGenerator<NetworkViews> {
  const breather = new Breather(signal);
  signal?.throwIfAborted();
  const control = signal ? { signal } : {};
  const rows = rowsFor(who, network, inputs);
  if (!rows) {
    const count = countOf(inputs);
    yield { views: await network.views(inputs, control), inputs: count, allInputs: count };
    return;
  }
  for (let first = 0; first < rows.rows; first += BLOCK) {
    const to = Math.min(rows.rows, first + BLOCK);
    const views = await network.views(cutView(rows, first, to), control);
    yield { views, inputs: to - first, allInputs: rows.rows };
    await breather.breathe();
  }
}

/**
 * The inputs as the matrix that a network which takes rows is given.
 * @returns undefined for other networks, which alone know what their inputs are
 */
export function rowsFor(who: string, network: Network, inputs: unknown): Matrix | undefined {
  return network.takesRows ? Matrix.from(inputs as MatrixLike, { who: `${who}: inputs` }) : undefined;
}

/** How many inputs these are: the entries of an array, the first size of a tensor; undefined for anything else. */
function countOf(inputs: unknown): number | undefined {
  if (Array.isArray(inputs)) return inputs.length;
  const { shape, dims = shape } = (inputs ?? {}) as { shape?: unknown; dims?: unknown };
  const first: unknown = Array.isArray(dims) ? dims[0] : undefined;
  return typeof first === 'number' ? first : undefined;
}
