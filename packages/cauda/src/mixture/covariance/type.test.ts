import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  componentsOf,
  covarianceAt,
  covarianceLength,
  covarianceOf,
  covarianceShape,
  covarianceTypes,
  parameterCount,
  secondAt,
  secondLength,
  varianceAt,
} from './type.ts';

const room = join(import.meta.dirname, '..');

/** Lines outside `type.ts` that compare with the name of one type, so that a new one would take the other way unasked. */
function comparisons(source: string): string[] {
  return source.split('\n').filter((line) => /[!=]==? *['"](full|tied|diag|spherical)['"]/.test(line));
}

test('no line outside type.ts asks for one covariance type: it switches over all, or calls a function of type.ts', () => {
  const files = readdirSync(room, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== join('covariance', 'type.ts'),
  );
  expect(files.length).toBeGreaterThan(20);
  const found = files.flatMap((name) =>
    comparisons(readFileSync(join(room, name), 'utf8')).map((line) => `${relative(room, name)}: ${line}`),
  );
  expect(found).toEqual([]);
});

test('the search above finds a comparison', () => {
  expect(
    comparisons("const at = type === 'tied' ? 0 : c;\nif (type !== 'diag') return;\ncase 'full':"),
  ).toHaveLength(2);
});

describe.each(covarianceTypes)('where things are with "%s" covariances', (type) => {
  const [k, d] = [3, 4];

  test('the numbers of all covariances fill their shape', () => {
    const size = covarianceShape(type, k, d).reduce((product, length) => product * length, 1);
    const owners = new Set(Array.from({ length: k }, (_, c) => covarianceOf(type, c)));
    expect(owners.size * covarianceLength(type, d)).toBe(size);
  });

  test('a variance lies in the covariance of its component', () => {
    for (let c = 0; c < k; c++)
      for (let j = 0; j < d; j++)
        expect(covarianceAt(type, varianceAt(type, c, j, d), d)).toBe(covarianceOf(type, c));
  });

  test('the components of a covariance are those that it belongs to', () => {
    for (let c = 0; c < k; c++) {
      const [from, to] = componentsOf(type, covarianceOf(type, c), k);
      const own = Array.from({ length: k }, (_, m) => m).filter(
        (m) => covarianceOf(type, m) === covarianceOf(type, c),
      );
      expect(Array.from({ length: to - from }, (_, m) => from + m)).toEqual(own);
    }
  });

  test('second moments of the components lie one after another, or in one place', () => {
    const last = secondAt(type, k - 1, d);
    const own = covarianceOf(type, k - 1) === 0 ? secondLength(type, k, d) : last / (k - 1);
    expect(last + own).toBe(secondLength(type, k, d));
  });
});

test('the free parameters of 3 components in 4 dimensions, counted by hand', () => {
  // 2 weights and 12 numbers of means, with 3 × 10, 10, 3 × 4 or 3 of covariances
  expect(covarianceTypes.map((type) => parameterCount(type, 3, 4))).toEqual([44, 24, 26, 17]);
});
