import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { sizeOfShape } from '../io/elements.ts';
import { type NpyHeader, readNpyHeader } from '../io/npy.ts';
import type { MatrixLike } from '../matrix.ts';
import type { MatrixSource } from '../source.ts';

/** More than any header of numbers needs: version 1.0 ends below 2¹⁶. */
const HEADER_BYTES = 2 ** 17;
/** What is read at a time, unless a single row has more. */
const BLOCK_BYTES = 2 ** 20;

/**
 * A NumPy .npy file as rows that stay on disk, to fit more data than memory holds: each pass reads the file again, a
 * megabyte at a time. The first dimension counts rows and the others are flattened; an array of one dimension becomes
 * one column. Float64 and 64-bit integers are float64, everything else becomes float32. A path that is relative is
 * resolved at once, so that the source outlives a change of the working directory.
 * @throws RangeError with the path at its beginning if the file is malformed, empty, in Fortran order or not of the
 *   length that its shape needs; the system's own error if it cannot be read. A pass throws if the file has changed
 */
export async function npySource(path: string): Promise<MatrixSource> {
  const place = resolve(path);
  const { header, size: length, mtimeMs } = await inspect(path);
  const { shape, start, size, values } = header;
  const rows = shape[0] ?? 1;
  const cols = sizeOfShape(shape.slice(1));
  const rowBytes = cols * size;
  const most = Math.max(1, Math.floor(BLOCK_BYTES / rowBytes));
  return {
    rows,
    cols,
    async *read(): AsyncGenerator<MatrixLike, void, void> {
      const file = await open(place);
      try {
        const now = await file.stat();
        if (now.size !== length || now.mtimeMs !== mtimeMs)
          throw new RangeError(`${path}: the file has changed since it was opened; call npySource again`);
        const buffer = new Uint8Array(Math.min(most, rows) * rowBytes);
        for (let from = 0; from < rows; ) {
          const n = Math.min(most, rows - from);
          const bytes = buffer.subarray(0, n * rowBytes);
          for (let at = 0; at < bytes.length; ) {
            const { bytesRead } = await file.read(bytes, at, bytes.length - at, start + from * rowBytes + at);
            if (bytesRead === 0)
              throw new RangeError(`${path}: the file ends before its row ${from + n - 1}`);
            at += bytesRead;
          }
          yield { data: values(bytes), shape: [n, cols] };
          from += n;
        }
      } finally {
        await file.close();
      }
    },
  };
}

/** The header of a file that holds all its values in row order, and what tells whether the file has changed. */
async function inspect(path: string): Promise<{ header: NpyHeader; size: number; mtimeMs: number }> {
  const file = await open(path);
  try {
    const { size: length, mtimeMs } = await file.stat();
    const beginning = new Uint8Array(Math.min(length, HEADER_BYTES));
    const { bytesRead } = await file.read(beginning, { position: 0 });
    const header = readNpyHeader(beginning.subarray(0, bytesRead));
    const { shape, start, size, fortranOrder } = header;
    const expected = start + sizeOfShape(shape) * size;
    if (fortranOrder && shape.length > 1)
      throw new RangeError('npy: the array is in Fortran order, column by column; save it in C order');
    if (sizeOfShape(shape) === 0)
      throw new RangeError(`npy: expected at least one row and one column; got shape (${shape.join(', ')})`);
    if (length !== expected)
      throw new RangeError(
        `npy: shape (${shape.join(', ')}) needs a file of ${expected} bytes; got ${length}`,
      );
    return { header, size: length, mtimeMs };
  } catch (error) {
    if (error instanceof RangeError) throw new RangeError(`${path}: ${error.message}`);
    throw error;
  } finally {
    await file.close();
  }
}
