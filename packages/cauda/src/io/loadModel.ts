import { describe } from '../check.ts';
import { bytesIn } from '../numbers.ts';
import type { Reader, Saved } from '../serialize.ts';

const who = 'loadModel';

/**
 * The model in a file, whatever it is: the reader of its format reads it, with the same bits as the model that was
 * saved. Nothing in the file is run.
 *
 *     import { allReaders } from 'cauda/models'; // or only the classes that you use: [KMeansModel, PcaModel]
 *     const model = loadModel(await readFile('model.json'), allReaders);
 * @param source the file's bytes or text, or what `JSON.parse` made of it
 * @param readers one for each format that may come: a model's class is its own reader
 * @throws TypeError if the source is no JSON, no saved model or of a format that no reader has; what the reader throws
 */
export function loadModel<Model>(
  source: string | Uint8Array | ArrayBuffer | object,
  readers: readonly Reader<Model>[],
): Model {
  if (!Array.isArray(readers))
    throw new TypeError(
      `${who}: readers must be an array of readers, such as [KMeansModel], or allReaders of cauda/models; got ${describe(readers)}`,
    );
  const file = typeof source === 'string' ? source : bytesIn(source);
  const saved = file === undefined ? source : parse(file);
  const format = typeof saved === 'object' && saved !== null ? (saved as Partial<Saved>).format : undefined;
  if (typeof format !== 'string')
    throw new TypeError(
      `${who}: expected a saved model, an object with the fields format and version; got ${describe(saved)}`,
    );
  const reader = readers.find((one) => one.format === format);
  if (!reader)
    throw new TypeError(
      `${who}: no reader for format ${describe(format)}; the readers given know ${readers.map((one) => one.format).join(', ') || 'none'} (allReaders of cauda/models has all)`,
    );
  return reader.fromJSON(saved);
}

function parse(source: string | Uint8Array): unknown {
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TypeError(
      `${who}: expected the JSON of a saved model; the file is cut off or something else (${(error as Error).message})`,
      { cause: error },
    );
  }
}
