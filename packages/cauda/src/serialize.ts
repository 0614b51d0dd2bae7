import { describe } from './check.ts';
import { Matrix } from './matrix.ts';

/**
 * Saved models are plain values: `{ format, version, … }` with numbers and arrays of numbers, which JSON keeps to
 * the bit. Reading one checks every field; nothing in it is ever run.
 */
export interface Saved {
  readonly format: string;
  readonly version: number;
}

/** A matrix as it is saved. */
export interface SavedMatrix {
  readonly dtype: 'float32' | 'float64';
  readonly shape: readonly number[];
  readonly data: readonly number[];
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

  /** One of the given strings. */
  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const value = this.field(name);
    if (!choices.includes(value as Choice))
      this.fail(name, choices.map((choice) => `"${choice}"`).join(' or '));
    return value as Choice;
  }

  /** `length` finite numbers (any length if undefined). */
  numbers(name: string, length?: number): Float64Array {
    return this.#numbers(name, this.field(name), length);
  }

  /** A matrix of finite numbers with the given sizes, where they are given. */
  matrix(name: string, rows?: number, cols?: number): Matrix {
    const value = this.field(name) as Partial<SavedMatrix> | null | undefined;
    const [n, d] = Array.isArray(value?.shape) ? value.shape : [];
    if (
      (value?.dtype !== 'float32' && value?.dtype !== 'float64') ||
      value.shape?.length !== 2 ||
      !(Number.isSafeInteger(n) && n >= 1 && Number.isSafeInteger(d) && d >= 1) ||
      (rows !== undefined && n !== rows) ||
      (cols !== undefined && d !== cols)
    )
      this.fail(name, `a matrix of ${rows ?? 'n'} × ${cols ?? 'd'} with dtype, shape and data`);
    const data = this.#numbers(name, value!.data, n * d);
    return new Matrix(value!.dtype === 'float32' ? Float32Array.from(data) : data, n, d);
  }

  /** @throws RangeError naming the field, what was expected and what came */
  fail(name: string, expected: string): never {
    throw new RangeError(`${this.#who}: ${name} must be ${expected}; got ${describe(this.field(name))}`);
  }

  #numbers(name: string, value: unknown, length: number | undefined): Float64Array {
    const array = Array.isArray(value) || value instanceof Float64Array || value instanceof Float32Array;
    if (!array || (length !== undefined && value.length !== length))
      this.fail(name, `an array of ${length ?? ''} numbers`.replace('  ', ' '));
    const wrong = (value as unknown[]).findIndex((v) => typeof v !== 'number' || !Number.isFinite(v));
    if (wrong >= 0)
      throw new RangeError(
        `${this.#who}: ${name}[${wrong}] must be a finite number; got ${describe((value as unknown[])[wrong])}`,
      );
    return Float64Array.from(value as number[]);
  }
}

/** Reads the fields of a saved value, whose format and version it checks. */
export class SavedReader extends FieldReader {
  /** @throws TypeError if `value` is no saved `format`, RangeError for another version */
  constructor(who: string, value: unknown, format: string, version: number) {
    const saved = typeof value === 'object' ? (value as Partial<Saved> | null) : undefined;
    if (saved?.format !== format)
      throw new TypeError(
        `${who}: expected a saved "${format}"; got ${describe(saved ? saved.format : value)}`,
      );
    if (saved.version !== version)
      throw new RangeError(
        `${who}: this Cauda reads version ${version} of "${format}"; got version ${describe(saved.version)}`,
      );
    super(who, value);
  }
}

/** A matrix as plain data. */
export function saveMatrix({ dtype, shape, data }: Matrix): SavedMatrix {
  return { dtype, shape, data: Array.from(data) };
}
