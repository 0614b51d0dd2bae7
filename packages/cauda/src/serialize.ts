import { fromBase64, toBase64 } from './base64.ts';
import { describe } from './check.ts';
import { like, Matrix } from './matrix.ts';

/**
 * Saved models are plain values: `{ format, version, … }` with numbers and packed arrays, which JSON keeps to the
 * bit. Reading one checks every field; nothing in it is ever run.
 */
export interface Saved {
  readonly format: string;
  readonly version: number;
}

/** Reads one format of saved models; a model's class is its own reader. */
export interface Reader<Model> {
  /** The `format` of the values that it reads. */
  readonly format: string;
  /** @throws TypeError or RangeError for any other value, naming the field */
  fromJSON(value: unknown): Model;
}

/** An array as it is saved: its values as base64 of their little-endian bytes. */
export interface SavedArray {
  /** What the values are in memory. */
  readonly dtype: 'float64' | 'float32' | 'int32';
  readonly shape: readonly number[];
  /** What they are in `data`: the smallest of these that keeps every one of them. */
  readonly encoding: 'float64' | 'float32' | 'int32' | 'uint8';
  /** Whether only the lower triangles of the last two dimensions are there, row after row. */
  readonly lower?: true;
  readonly data: string;
}

/** Characters that a JavaScript string holds at most, in V8. */
const LONGEST = 2 ** 29 - 24;

/**
 * An array as plain data.
 * @param shape defaults to [length]
 * @throws RangeError if its text would be longer than a string can be
 */
export function saveArray(
  values: Float64Array | Float32Array | Int32Array,
  shape: readonly number[] = [values.length],
): SavedArray {
  const encoding = encodingOf(values);
  const encoded = encode(values, encoding);
  if (encoded.byteLength > (LONGEST / 4) * 3)
    throw new RangeError(
      `toJSON: ${values.length} values take ${Math.ceil(encoded.byteLength / 2 ** 20)} MiB, more than the text of a file can hold (384 MiB); save a model of fewer rows or features, or of float32 data`,
    );
  const bytes = new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  return { dtype: dtypeOf(values), shape, encoding, data: toBase64(bytes) };
}

/** A matrix as plain data. */
export function saveMatrix({ shape, data }: Matrix): SavedArray {
  return saveArray(data, shape);
}

/**
 * Symmetric d × d matrices that lie one after another as plain data: their lower triangles.
 * @param shape the last two dimensions of it are d × d
 */
export function saveSymmetric(values: Float64Array | Float32Array, shape: readonly number[]): SavedArray {
  const d = shape.at(-1)!;
  const count = values.length / (d * d);
  const lower = like(values, (count * d * (d + 1)) / 2);
  let at = 0;
  for (let row = 0; row < count * d; row++)
    for (let j = 0; j <= row % d; j++) lower[at++] = values[row * d + j]!;
  return { ...saveArray(lower, shape), lower: true };
}

function dtypeOf(values: Float64Array | Float32Array | Int32Array): SavedArray['dtype'] {
  if (values instanceof Int32Array) return 'int32';
  return values instanceof Float64Array ? 'float64' : 'float32';
}

function encodingOf(values: Float64Array | Float32Array | Int32Array): SavedArray['encoding'] {
  if (values instanceof Int32Array)
    return values.every((value) => value >= 0 && value < 256) ? 'uint8' : 'int32';
  return values instanceof Float32Array || values.every((value) => Math.fround(value) === value)
    ? 'float32'
    : 'float64';
}

const arrays = {
  float64: Float64Array,
  float32: Float32Array,
  int32: Int32Array,
  uint8: Uint8Array,
} as const;

type Encoded = Float64Array | Float32Array | Int32Array | Uint8Array;

function encode(values: Float64Array | Float32Array | Int32Array, encoding: SavedArray['encoding']): Encoded {
  const Type = arrays[encoding];
  return values instanceof Type ? values : Type.from(values);
}

/** Reads the fields of a plain object, with errors that name the field. */
export class FieldReader {
  readonly #who: string;
  readonly #fields: object;

  /** @throws TypeError if `value` is no object */
  constructor(who: string, value: unknown) {
    if (typeof value !== 'object' || value === null)
      throw new TypeError(`${who}: expected an object; got ${describe(value)}`);
    this.#who = who;
    this.#fields = value;
  }

  /** The raw value of a field. */
  field(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? (this.#fields as Record<string, unknown>)[name] : undefined;
  }

  /** A finite number in [low, high], an integer if asked. */
  number(name: string, low: number = -Infinity, high: number = Infinity, integer: boolean = false): number {
    const value = this.field(name);
    if (
      typeof value !== 'number' ||
      !(value >= low && value <= high) ||
      !(integer ? Number.isInteger(value) : Number.isFinite(value))
    )
      this.fail(name, `${integer ? 'an integer' : 'a finite number'} in [${low}, ${high}]`);
    return value as number;
  }

  /** `true` or `false`. */
  flag(name: string): boolean {
    const value = this.field(name);
    if (typeof value !== 'boolean') this.fail(name, 'true or false');
    return value as boolean;
  }

  /** Any text. */
  string(name: string): string {
    const value = this.field(name);
    if (typeof value !== 'string') this.fail(name, 'a string');
    return value as string;
  }

  /** One of the given strings. */
  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const value = this.field(name);
    if (!choices.includes(value as Choice))
      this.fail(name, choices.map((choice) => `"${choice}"`).join(' or '));
    return value as Choice;
  }

  /** `length` finite numbers (any length if undefined). */
  numbers(name: string, length?: number): Float64Array {
    const expected = `an array of ${length ?? ''} numbers`.replace('  ', ' ');
    const { shape, values } = this.#array(name, expected);
    if (shape.length !== 1 || (length !== undefined && shape[0] !== length)) this.fail(name, expected);
    return values instanceof Float64Array ? values : Float64Array.from(values);
  }

  /** `length` finite numbers that are saved as a plain list: a few that people read. */
  list(name: string, length: number): Float64Array {
    const value = this.field(name);
    if (!Array.isArray(value) || value.length !== length) this.fail(name, `a list of ${length} numbers`);
    const list = value as unknown[];
    const wrong = list.findIndex((v) => typeof v !== 'number' || !Number.isFinite(v));
    if (wrong >= 0)
      throw new RangeError(
        `${this.#who}: ${name}[${wrong}] must be a finite number; got ${describe(list[wrong])}`,
      );
    return Float64Array.from(list as number[]);
  }

  /** `length` 32-bit integers (any length if undefined). */
  integers(name: string, length?: number): Int32Array {
    const expected = `an array of ${length ?? ''} integers`.replace('  ', ' ');
    const { dtype, shape, values } = this.#array(name, expected);
    if (dtype !== 'int32' || shape.length !== 1 || (length !== undefined && shape[0] !== length))
      this.fail(name, expected);
    return Int32Array.from(values);
  }

  /** A matrix of finite numbers with the given sizes, where they are given. */
  matrix(name: string, rows?: number, cols?: number): Matrix {
    const expected = `a matrix of ${rows ?? 'n'} × ${cols ?? 'd'} with dtype, shape, encoding and data`;
    const { dtype, shape, values } = this.#array(name, expected);
    const [n, d] = shape;
    if (
      shape.length !== 2 ||
      dtype === 'int32' ||
      n! < 1 ||
      d! < 1 ||
      (rows !== undefined && n !== rows) ||
      (cols !== undefined && d !== cols)
    )
      this.fail(name, expected);
    const Type = arrays[dtype as 'float32' | 'float64'];
    return new Matrix(values instanceof Type ? values : Type.from(values), n!, d!);
  }

  /**
   * Numbers in the given shape.
   * @returns them row-major; of `saveSymmetric`'s matrices both halves
   */
  tensor(name: string, shape: readonly number[]): Float64Array {
    const expected = `an array of ${shape.join(' × ')}`;
    const saved = this.#array(name, expected);
    if (saved.shape.length !== shape.length || saved.shape.some((size, i) => size !== shape[i]))
      this.fail(name, expected);
    return saved.values instanceof Float64Array ? saved.values : Float64Array.from(saved.values);
  }

  /** @throws RangeError naming the field, what was expected and what came */
  fail(name: string, expected: string): never {
    throw new RangeError(`${this.#who}: ${name} must be ${expected}; got ${describe(this.field(name))}`);
  }

  /** The values of a saved array, finite, with both halves of symmetric matrices. */
  #array(name: string, expected: string): Pick<SavedArray, 'dtype' | 'shape'> & { values: Encoded } {
    const saved = this.field(name) as Partial<Record<keyof SavedArray, unknown>> | null | undefined;
    const { dtype, encoding, shape, data, lower } = saved ?? {};
    if (
      !(dtype === 'float64' || dtype === 'float32' || dtype === 'int32') ||
      !Object.hasOwn(arrays, encoding as string) ||
      !(lower === undefined || lower === true) ||
      !Array.isArray(shape) ||
      !shape.every((size) => Number.isSafeInteger(size) && size >= 0)
    )
      this.fail(name, expected);
    const sizes = shape as number[];
    const d = sizes.at(-1) ?? 0;
    if (lower && (d === 0 || sizes.at(-2) !== d)) this.fail(name, `${expected}, square for lower triangles`);
    const whole = sizes.reduce((product, size) => product * size, 1);
    const count = lower ? (whole / (d * d)) * ((d * (d + 1)) / 2) : whole;
    const bytes = typeof data === 'string' ? fromBase64(data) : undefined;
    if (!bytes) throw new TypeError(`${this.#who}: ${name}.data must be base64 text; got ${describe(data)}`);
    const Type = arrays[encoding as SavedArray['encoding']];
    if (bytes.length !== count * Type.BYTES_PER_ELEMENT)
      throw new RangeError(
        `${this.#who}: ${name}.data must hold ${count} ${encoding} values, ${count * Type.BYTES_PER_ELEMENT} bytes; got ${bytes.length}`,
      );
    const stored = new Type(bytes.buffer as ArrayBuffer);
    let sum = 0; // value × 0 is NaN for what is not finite, so one sum tells whether to look closer
    for (let i = 0; i < stored.length; i++) sum += stored[i]! * 0;
    const wrong = sum === 0 ? -1 : stored.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0)
      throw new RangeError(`${this.#who}: ${name}[${wrong}] must be a finite number; got ${stored[wrong]}`);
    return { dtype, shape: sizes, values: lower ? mirrored(stored, d, whole) : stored };
  }
}

/** Whole matrices from their lower triangles, `length` values in all. */
function mirrored(lower: Encoded, d: number, length: number): Float64Array {
  const values = new Float64Array(length);
  const triangle = lower instanceof Float64Array ? lower : Float64Array.from(lower);
  for (let matrix = 0, at = 0; matrix < length; matrix += d * d)
    for (let i = 0; i < d; i++)
      for (let j = 0, up = matrix + i; j <= i; j++, up += d)
        values[matrix + i * d + j] = values[up] = triangle[at++]!;
  return values;
}

/** Reads the fields of a saved value, whose format and version it checks. */
export class SavedReader extends FieldReader {
  /** @throws TypeError if `value` is no saved `format`, RangeError for another version */
  constructor(who: string, value: unknown, format: string, version: number) {
    const saved = typeof value === 'object' ? (value as Partial<Saved> | null) : undefined;
    if (saved?.format !== format)
      throw new TypeError(
        `${who}: expected a saved "${format}"; got ${typeof value === 'string' ? 'text; JSON.parse it first' : describe(saved ? saved.format : value)}`,
      );
    if (saved.version !== version)
      throw new RangeError(
        `${who}: this Cauda reads version ${version} of "${format}"; got version ${describe(saved.version)}`,
      );
    super(who, value);
  }
}
