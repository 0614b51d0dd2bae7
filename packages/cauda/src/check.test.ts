import { expect, describe as group, test } from 'vitest';
import { checkOptions, describe, flag, integerIn, numberIn, oneOf, required, shaped } from './check.ts';
import { takers } from './tags.ts';

interface Options {
  count: number;
  rate?: number;
  kind?: string;
  deep?: boolean;
  extra?: object;
}
const rules = {
  count: required(integerIn(1, 10, 'the rows of X')),
  rate: numberIn(0, 1, { openLow: true }),
  kind: oneOf('a', 'b', 'c'),
  deep: flag,
  extra: shaped('an object', (v) => typeof v === 'object'),
};
const defaults = { rate: 0.5, kind: 'a' };
const check = (options: unknown) => checkOptions('fit', options as Options, rules, defaults);

group('checkOptions', () => {
  test('fills in what is not given, and freezes', () => {
    const checked = check({ count: 3, kind: undefined });
    expect(checked).toEqual({ count: 3, rate: 0.5, kind: 'a' });
    expect(Object.isFrozen(checked)).toBe(true);
  });

  test.each<[options: unknown, error: typeof TypeError | typeof RangeError, message: string]>([
    [null, TypeError, 'fit: options must be an object; got null'],
    [{}, TypeError, 'fit: count is required: an integer in [1, 10], the rows of X'],
    [{ count: 11 }, RangeError, 'fit: count must be an integer in [1, 10], the rows of X; got 11'],
    [{ count: '3' }, TypeError, 'fit: count must be an integer in [1, 10], the rows of X; got "3"'],
    [{ count: 1, rate: 0 }, RangeError, 'fit: rate must be a finite number in (0, 1]; got 0'],
    [{ count: 1, rate: NaN }, RangeError, 'fit: rate must be a finite number in (0, 1]; got NaN'],
    [{ count: 1, kind: 'd' }, RangeError, 'fit: kind must be "a", "b" or "c"; got "d"'],
    [{ count: 1, deep: 1 }, TypeError, 'fit: deep must be true or false; got 1'],
    [{ count: 1, extra: 1 }, TypeError, 'fit: extra must be an object; got 1'],
    [
      { count: 1, Rate: 1 },
      TypeError,
      'fit: unknown option "Rate"; known are count, rate, kind, deep, extra',
    ],
    [{ count: 1, __proto__x: 1 }, TypeError, 'fit: unknown option "__proto__x"'],
  ])('%j', (options, error, message) => {
    expect(() => check(options)).toThrow(error);
    expect(() => check(options)).toThrow(message);
  });

  test('an inherited key is no rule', () => {
    expect(() => check({ count: 1, toString: 1 })).toThrow('fit: unknown option "toString"');
  });
});

test.each<[unknown, string]>([
  ['x'.repeat(60), `"${'x'.repeat(40)}…"`],
  [() => 1, 'a function'],
  [[1, 2], 'an array of 2'],
  [new Float32Array(3), 'Float32Array(3)'],
  [new Map(), 'an object (Map)'],
  [Object.create(null), 'an object (no prototype)'],
  [undefined, 'undefined'],
  [-0.5, '-0.5'],
])('describe gives a short picture of any value', (value, picture) => {
  expect(describe(value)).toBe(picture);
});

test('an option that other estimators take is refused with their names', () => {
  expect(() => checkOptions('pca', { sampleWeight: [1] } as object, {}, {})).toThrow(
    `pca: unknown option "sampleWeight"; known are ; ${takers('weights')} take sampleWeight`,
  );
  expect(() => checkOptions('miniBatchKMeans', { metric: 'cosine' } as object, {}, {})).toThrow(
    `; ${takers('metric')} take metric`,
  );
  expect(() => checkOptions('knn', { metric: 'cosine' } as object, {}, {})).toThrow(
    /unknown option "metric"; known are $/,
  );
});
