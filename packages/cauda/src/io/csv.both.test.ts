import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { damage, damages, readOrRefuse } from '../../test/damage.ts';
import { type CsvOptions, readCsv } from './csv.ts';

const rows = (text: string | Uint8Array, options?: CsvOptions) => readCsv(text, options).matrix.toArray();

describe('readCsv', () => {
  test('reads a table with a header', () => {
    const { columns, matrix } = readCsv('age,height\n31,1.75\n-4,.5e1\n');
    expect(columns).toEqual(['age', 'height']);
    expect(matrix.dtype).toBe('float64');
    expect(matrix.toArray()).toEqual([
      [31, 1.75],
      [-4, 5],
    ]);
  });

  test('reads a table without a header and names its columns', () => {
    expect(readCsv('1,2\n3,4').columns).toEqual(['x0', 'x1']);
    expect(rows('1,2\n3,4')).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('reads or does not read a header as the option says', () => {
    expect(readCsv('2019,2020\n1,2', { header: true }).columns).toEqual(['2019', '2020']);
    expect(() => readCsv('a,b\n1,2', { header: false })).toThrow(
      new RangeError('csv: line 1, column "x0": expected a number; got "a"'),
    );
  });

  test('does not take a first row with a missing entry for a header', () => {
    expect(rows('1,NA\n2,3', { missing: ['NA'] })).toEqual([
      [1, NaN],
      [2, 3],
    ]);
  });

  test('reads CRLF, CR, a byte-order mark, blank lines and spaces around numbers', () => {
    const expected = [
      [1, 2],
      [3, 4],
    ];
    for (const text of [
      '1,2\r\n3,4\r\n',
      '1,2\r3,4',
      '\ufeff1,2\n3,4',
      '\n\n1,2\n\r\n\n3,4\n\n',
      ' 1 ,\t2\n3,4 ',
    ])
      expect(rows(text)).toEqual(expected);
    expect(rows(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31, 0x2c, 0x32))).toEqual([[1, 2]]);
  });

  test('reads quoted fields with delimiters, quotes and line breaks inside', () => {
    const { columns, matrix } = readCsv('"a ""big"" one","b,c","d\r\ne"\n"1",2,"3"\n');
    expect(columns).toEqual(['a "big" one', 'b,c', 'd\r\ne']);
    expect(matrix.toArray()).toEqual([[1, 2, 3]]);
  });

  test('reads other delimiters', () => {
    expect(rows('1;2\n3;4', { delimiter: ';' })).toEqual(rows('1\t2\n3\t4', { delimiter: '\t' }));
  });

  test('reads a missing entry as NaN, and only what was named so', () => {
    expect(rows('a,b\n,1\n"",n/a', { missing: ['', 'n/a'] })).toEqual([
      [NaN, 1],
      [NaN, NaN],
    ]);
    expect(() => readCsv('a,b\n,1')).toThrow('csv: line 2, column "a": expected a number; got ""');
  });

  test.each([
    [`age\n${'1\n'.repeat(15)}n/a\n`, 'csv: line 17, column "age": expected a number; got "n/a"'],
    ['"two\nlines",b\n1,2\n3,x', 'csv: line 4, column "b": expected a number; got "x"'],
    ['a\n0x10', 'csv: line 2, column "a": expected a number; got "0x10"'],
    ['a\nInfinity', 'csv: line 2, column "a": expected a number; got "Infinity"'],
    ['a\n1e999', 'csv: line 2, column "a": expected a number; got "1e999"'],
    ['a\n1 2', 'csv: line 2, column "a": expected a number; got "1 2"'],
    ['1,2\n3\n', 'csv: line 2: expected 2 fields; got 1'],
    ['1,2\n\n3,4,5', 'csv: line 3: expected 2 fields; got 3'],
    ['1\n"2\n3', 'csv: line 2: a quoted field is never closed'],
    ['1\n"2"3', `csv: line 2: expected "," or the line's end after a quoted field; got "3"`],
    ['', 'csv: expected at least one row of numbers; got none'],
    ['\n\n', 'csv: expected at least one row of numbers; got none'],
    ['a,b\n', 'csv: expected at least one row of numbers; got only a header'],
  ])('refuses %j in a sentence', (text, message) => {
    expect(() => readCsv(text)).toThrow(new RangeError(message));
  });

  test('refuses bytes that are not UTF-8', () => {
    expect(() => readCsv(Uint8Array.of(0xff, 0xfe, 0x31, 0))).toThrow(
      new RangeError('csv: expected text in UTF-8; got bytes that are not'),
    );
  });

  test('checks its options', () => {
    expect(() => readCsv('1', { delimiter: ', ' })).toThrow(
      new TypeError(
        'readCsv: delimiter must be a single character other than a quote or a line break; got ", "',
      ),
    );
    expect(() => readCsv('1', { header: 'yes' as 'auto' })).toThrow(
      new TypeError('readCsv: header must be "auto", true or false; got "yes"'),
    );
    expect(() => readCsv('1', { separator: ';' } as CsvOptions)).toThrow(
      'readCsv: unknown option "separator"; known are header, delimiter, missing',
    );
    expect(() => readCsv(7 as unknown as string)).toThrow(
      new TypeError('readCsv: input must be a Uint8Array or an ArrayBuffer; got 7'),
    );
  });

  test('gives back every double that String wrote, and every column name', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    const table = fc.integer({ min: 1, max: 5 }).chain((cols) =>
      fc.record({
        names: fc.array(fc.string({ unit: 'grapheme' }), { minLength: cols, maxLength: cols }),
        values: fc.array(fc.array(finite, { minLength: cols, maxLength: cols }), {
          minLength: 1,
          maxLength: 9,
        }),
        end: fc.constantFrom('\n', '\r\n'),
      }),
    );
    fc.assert(
      fc.property(table, ({ names, values, end }) => {
        const header = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(',');
        const text = [header, ...values.map((row) => row.join(','))].join(end);
        const { columns, matrix } = readCsv(text, { header: true });
        expect(columns).toEqual(names);
        expect(matrix.toArray()).toEqual(values.map((row) => row.map((value) => value + 0)));
      }),
    );
  });

  test('reads or refuses a file whose bytes were changed, and never hangs', async () => {
    const bytes = new TextEncoder().encode('"a ""x""",b\r\n1,2\r\n-3.5e-7,"4"\n,NA\n'.repeat(1));
    await fc.assert(
      fc.asyncProperty(damages, async (changes) => {
        const read = await readOrRefuse('csv', () =>
          readCsv(damage(bytes, changes), { missing: ['', 'NA'] }),
        );
        if (read) expect(read.matrix.cols).toBe(read.columns.length);
      }),
      { numRuns: 1000 },
    );
  });
});
