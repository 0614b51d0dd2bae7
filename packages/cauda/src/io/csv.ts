import { checkOptions, describe, type Rule, shaped } from '../check.ts';
import { Matrix } from '../matrix.ts';
import { asBytes } from './elements.ts';

export interface CsvOptions {
  /** Whether the first record names the columns. "auto", the default: it does if one of its fields is not a number. */
  header?: 'auto' | boolean;
  /** The single character between fields; defaults to ",". */
  delimiter?: string;
  /** Fields that mean a missing entry, such as ["", "NA"]; they become NaN. Defaults to none. */
  missing?: readonly string[];
}

/** A table of numbers. */
export interface CsvTable {
  /** The columns' names: the header's, or x0, x1, … without one. */
  readonly columns: string[];
  /** Float64, one row for each record. */
  readonly matrix: Matrix;
}

const rules: { readonly [Key in keyof CsvOptions]-?: Rule } = {
  header: shaped('"auto", true or false', (v) => v === 'auto' || typeof v === 'boolean'),
  delimiter: shaped(
    'a single character other than a quote or a line break',
    (v) => typeof v === 'string' && /^[^"\r\n]$/.test(v),
  ),
  missing: shaped('an array of strings', (v) => Array.isArray(v) && v.every((s) => typeof s === 'string')),
};
const defaults: Required<CsvOptions> = { header: 'auto', delimiter: ',', missing: [] };

const plainNumber = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/**
 * Reads comma-separated numbers, quoted as in RFC 4180. Lines end in LF, CRLF or CR, blank lines are skipped, and a
 * byte-order mark is ignored. White space around a number is allowed.
 * @param input the text, or its bytes in UTF-8
 * @throws TypeError for the wrong kind of input or option, RangeError for a field that is no finite number or named
 *   missing, a record of another length, a quote that is not closed, or a table without a row
 */
export function readCsv(input: string | Uint8Array | ArrayBuffer, options: CsvOptions = {}): CsvTable {
  const { header, delimiter, missing } = checkOptions('readCsv', options, rules, defaults);
  const records = new Records(typeof input === 'string' ? input : decode(input), delimiter);
  const gaps = new Set(missing);
  let columns: string[] | undefined;
  let data = new Float64Array(1024);
  let filled = 0;
  for (let fields = records.next(); fields; fields = records.next()) {
    if (!columns) {
      const isHeader =
        header === 'auto' ? fields.some((field) => !isNumber(field) && !gaps.has(field)) : header;
      columns = isHeader ? fields : fields.map((_, j) => `x${j}`);
      if (isHeader) continue;
    }
    if (fields.length !== columns.length)
      throw new RangeError(
        `csv: line ${records.line}: expected ${columns.length} fields; got ${fields.length}`,
      );
    if (filled + fields.length > data.length) data = grown(data, filled + fields.length);
    for (let j = 0; j < fields.length; j++) {
      const field = fields[j]!;
      if (gaps.has(field)) data[filled++] = NaN;
      else if (isNumber(field)) data[filled++] = Number(field);
      else
        throw new RangeError(
          `csv: line ${records.line}, column ${describe(columns[j])}: expected a number; got ${describe(field)}`,
        );
    }
  }
  if (!columns || filled === 0)
    throw new RangeError(
      `csv: expected at least one row of numbers; got ${columns ? 'only a header' : 'none'}`,
    );
  return { columns, matrix: new Matrix(data.slice(0, filled), filled / columns.length, columns.length) };
}

/** Whether a field is a finite decimal number. `Number` alone would also take "", "0x10" and "Infinity". */
function isNumber(field: string): boolean {
  return plainNumber.test(field.trim()) && Number.isFinite(Number(field));
}

function decode(input: Uint8Array | ArrayBuffer): string {
  const bytes = asBytes('readCsv', input);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new RangeError('csv: expected text in UTF-8; got bytes that are not');
  }
}

function grown(data: Float64Array, needed: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(2 * data.length, needed));
  larger.set(data);
  return larger;
}

/** Cuts a text into records of fields. */
class Records {
  /** The line, counted from 1, on which the latest record begins. */
  line = 0;
  readonly #text: string;
  readonly #delimiter: string;
  #at: number;
  #nextLine = 1;

  constructor(text: string, delimiter: string) {
    this.#text = text;
    this.#delimiter = delimiter;
    this.#at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  }

  /** The next record's fields, or undefined at the end. */
  next(): string[] | undefined {
    while (this.#lineBreak());
    if (this.#at >= this.#text.length) return undefined;
    this.line = this.#nextLine;
    const fields = [this.#field()];
    while (this.#text[this.#at] === this.#delimiter) {
      this.#at++;
      fields.push(this.#field());
    }
    this.#lineBreak();
    return fields;
  }

  #lineBreak(): boolean {
    const char = this.#text[this.#at];
    if (char !== '\n' && char !== '\r') return false;
    this.#at += char === '\r' && this.#text[this.#at + 1] === '\n' ? 2 : 1;
    this.#nextLine++;
    return true;
  }

  /** The field that begins here. The position moves to the delimiter, the line break or the end after it. */
  #field(): string {
    if (this.#text[this.#at] === '"') return this.#quoted();
    const start = this.#at;
    while (!this.#atFieldEnd()) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #quoted(): string {
    let field = '';
    for (;;) {
      const close = this.#text.indexOf('"', this.#at + 1);
      if (close < 0) throw new RangeError(`csv: line ${this.line}: a quoted field is never closed`);
      const part = this.#text.slice(this.#at + 1, close);
      this.#nextLine += part.split(/\r\n|\r|\n/).length - 1;
      field += part;
      this.#at = close + 1;
      if (this.#text[this.#at] !== '"') break;
      field += '"'; // a doubled quote stands for one
    }
    if (!this.#atFieldEnd())
      throw new RangeError(
        `csv: line ${this.#nextLine}: expected ${describe(this.#delimiter)} or the line's end after a quoted field; got ${describe(this.#text[this.#at])}`,
      );
    return field;
  }

  #atFieldEnd(): boolean {
    const char = this.#text[this.#at];
    return char === undefined || char === this.#delimiter || char === '\n' || char === '\r';
  }
}
