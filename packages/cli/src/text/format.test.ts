import { expect, test } from 'vitest';
import { count, duration, fixed, list, megabytes, microseconds, percent, plural, share } from './format.ts';

test('counts have their thousands separated', () => {
  expect([0, 999, 1000, 60000, 1234567].map(count)).toEqual(['0', '999', '1,000', '60,000', '1,234,567']);
});

test('fixed keeps the sign, never writes a negative zero and shows what is absent as a dash', () => {
  expect([-312.934, -0.001, 36370397.57, null, NaN].map((value) => fixed(value, 2))).toEqual([
    '-312.93',
    '0.00',
    '36,370,397.57',
    '–',
    '–',
  ]);
});

test('durations go from milliseconds to minutes', () => {
  expect([0.0001, 0.0949, 0.36, 12, 119.4, 200.4].map(duration)).toEqual([
    '1 ms',
    '95 ms',
    '0.4 s',
    '12.0 s',
    '119.4 s',
    '3 min 20 s',
  ]);
});

test('a list is read aloud, and a share is a percentage', () => {
  expect([list([]), list([4]), list([4, 9]), list([4, 7, 9])]).toEqual(['', '4', '4 and 9', '4, 7 and 9']);
  expect(percent(0.95321)).toBe('95.3 %');
  expect([0.05, 1, 0, 0.95321, 0.000123].map(share)).toEqual(['5 %', '100 %', '0 %', '95.3 %', '0.0123 %']);
});

test('a count takes the singular or the plural', () => {
  expect([0, 1, 2000].map((n) => plural(n, 'row'))).toEqual(['0 rows', '1 row', '2,000 rows']);
  expect([1, 2].map((n) => plural(n, 'file is', 'files are'))).toEqual(['1 file is', '2 files are']);
});

test('a check takes microseconds, and a file has megabytes', () => {
  expect([microseconds(0.0000412), microseconds(0.0012), megabytes(713069), megabytes(2.35e6)]).toEqual([
    '41 µs',
    '1,200 µs',
    '0.7 MB',
    '2.4 MB',
  ]);
});
