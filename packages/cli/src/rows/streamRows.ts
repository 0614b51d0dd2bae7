import { createReadStream } from 'node:fs';
import { addAbortSignal, type Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { Matrix } from 'cauda';
import type { GuardInput } from 'cauda/ood';
import { inputOf, type Rows, readRows } from './readRows.ts';

/** Some rows of an input, to be handled together. */
export interface Batch {
  /** Where the rows come from, for messages. */
  readonly where: string;
  readonly input: GuardInput;
}

/** The help on streams, which follows `rowsHelp` in commands that read them. */
export const streamHelp = `
INPUT is ROWS, or a file named .ndjson or .jsonl, or - for stdin, with one row a line, which is read as it comes:
  {"layers": [[…], […]], "logits": […]}`;

/** How many rows of an archive make a batch. */
const BATCH = 1000;

/** The most characters of a line. Without a limit, a file of another kind would fill the memory. */
const LONGEST = 2 ** 24;

/**
 * Reads the rows of an input, in order: those of arrays by the thousand, those of a stream one by one as they come.
 * @throws Error that names the path and, in a stream, the line that is no row; the signal's reason when aborted
 */
export async function* streamRows(path: string, stdin: Readable, signal: AbortSignal): AsyncGenerator<Batch> {
  if (path === '-') yield* parsedRows('stdin', stdin, signal);
  else if (/\.(ndjson|jsonl)$/i.test(path)) yield* parsedRows(path, createReadStream(path), signal);
  else {
    const rows = await readRows(path);
    for (let from = 0; from < rows.count; from += BATCH) {
      yield { where: path, input: inputOf(slice(rows, from, Math.min(rows.count, from + BATCH))) };
      await setImmediate(undefined, { signal }); // lets Ctrl-C be heard
    }
  }
}

/** The rows from `from` to `to`, which is excluded, as views. */
function slice({ path, arrays }: Rows, from: number, to: number): Rows {
  const views = [...arrays].map(([name, { data, cols }]): [string, Matrix] => [
    name,
    new Matrix(data.subarray(from * cols, to * cols), to - from, cols),
  ]);
  return { path, count: to - from, arrays: new Map(views), labels: undefined };
}

async function* parsedRows(path: string, stream: Readable, signal: AbortSignal): AsyncGenerator<Batch> {
  let number = 0;
  for await (const line of linesOf(path, addAbortSignal(signal, stream))) {
    number++;
    if (line.trim() === '') continue;
    const where = `${path}: line ${number}`;
    yield { where, input: parseRow(where, line) };
  }
}

/** Reads a text in UTF-8 line by line. */
async function* linesOf(path: string, stream: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
    rest = lines.pop()!;
    if (rest.length > LONGEST)
      throw new Error(`${path}: a line has more than ${LONGEST} characters; expected one row a line`);
    yield* lines;
  }
  yield rest + decoder.decode();
}

function parseRow(where: string, line: string): GuardInput {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch (error) {
    throw new Error(`${where}: expected a row as JSON (${(error as Error).message})`);
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    throw new Error(`${where}: expected an object such as {"layers": [[…], […]], "logits": […]}`);
  const { layers, logits, features, inputs } = row as Record<string, unknown>;
  if (layers !== undefined && !Array.isArray(layers))
    throw new Error(`${where}: layers must be an array of one array of numbers a layer`);
  return {
    ...(layers !== undefined && { layers: layers.map((layer, l) => oneRow(where, `layers[${l}]`, layer)) }),
    ...(logits !== undefined && { logits: oneRow(where, 'logits', logits) }),
    ...(features !== undefined && { features: oneRow(where, 'features', features) }),
    ...(inputs !== undefined && { inputs: oneRow(where, 'inputs', inputs) }),
  };
}

function oneRow(where: string, name: string, values: unknown): Matrix {
  if (!Array.isArray(values) || !values.every(Number.isFinite))
    throw new Error(`${where}: ${name} must be an array of finite numbers`);
  return new Matrix(Float64Array.from(values as number[]), 1, values.length);
}
