import { type CsrLike, CsrMatrix, isCsr } from './csr.ts';
import { Matrix, type MatrixLike } from './matrix.ts';
import { checkSource, isSource, type MatrixSource, Source } from './source.ts';
import { type Estimator, type Tags, tags, takers } from './tags.ts';

/** What an estimator's X is after the door: dense rows, and sparse ones or a source where its tags have them. */
export type Admitted<Name extends Estimator> =
  | Matrix
  | ((typeof tags)[Name]['sparse'] extends true ? CsrMatrix : never)
  | ((typeof tags)[Name]['source'] extends true ? MatrixSource : never);

/** The same with the source opened. */
export type Opened<Door> = Door extends Matrix | CsrMatrix ? Door : Source;

/**
 * Lets X into an estimator, checked, if the estimator's tags have a place for its kind. A source is not read yet, so
 * that options can be checked first: `openRows` reads it.
 * @param allowNaN whether NaN marks a missing entry
 * @param who the function that errors name, where it is not the estimator itself
 * @throws TypeError for a kind of X that the estimator does not take, or for no matrix at all; RangeError for wrong
 *   sizes, NaN or infinity
 */
export function admit<Name extends Estimator>(
  name: Name,
  X: MatrixLike | CsrLike | MatrixSource,
  { allowNaN = false, who: caller = name }: { allowNaN?: boolean; who?: string } = {},
): Admitted<Name> {
  const taken: Tags = tags[name];
  const who = `${caller}: X`;
  if (isSource(X)) {
    if (taken.source) return checkSource(`${caller}: source`, X) as Admitted<Name>;
    throw new TypeError(
      `${who} is a source, and ${caller} needs all rows in memory; read them into a Matrix, or use one that takes a source: ${takers('source')}`,
    );
  }
  if (isCsr(X)) {
    if (taken.sparse) return CsrMatrix.from(X, who) as Admitted<Name>;
    throw new TypeError(
      `${who} is a sparse matrix, and ${caller} takes dense rows; write its zeros out, or use one that takes sparse rows: ${takers('sparse')}`,
    );
  }
  if (isIterator(X))
    throw new TypeError(
      `${who} is a generator, which can be read once only; a source is { rows, cols, read }, whose read begins a new pass each time: { rows, cols, read: makeGenerator }`,
    );
  return Matrix.from(X, { who, allowNaN });
}

/** Whether X is what a generator function returned, or a stream. */
function isIterator(X: unknown): boolean {
  return typeof X === 'object' && X !== null && (Symbol.asyncIterator in X || 'next' in X);
}

/**
 * The rows behind the door: what is in memory as it is, a source after its first block was read.
 * @param who the function that errors name
 */
export async function openRows<Door extends Matrix | CsrMatrix | MatrixSource>(
  who: string,
  door: Door,
  { allowNaN = false, signal }: { allowNaN?: boolean; signal?: AbortSignal | undefined } = {},
): Promise<Opened<Door>> {
  if (door instanceof Matrix || door instanceof CsrMatrix) return door as Opened<Door>;
  return (await Source.open(door, { who: `${who}: source`, allowNaN, signal })) as Opened<Door>;
}
