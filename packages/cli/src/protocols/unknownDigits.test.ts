import { expect, test } from 'vitest';
import { smallDigits } from '../../test/smallDigits.ts';
import { unknown, unknownDigits } from './unknownDigits.ts';

test('every digit is unknown twice, and any two splits share one', () => {
  const times = Array.from(
    { length: 10 },
    (_, digit) => unknown.filter((four) => four.includes(digit)).length,
  );
  expect(times).toEqual(Array(10).fill(2));
  for (const [s, four] of unknown.entries()) {
    expect(four).toHaveLength(4);
    for (const other of unknown.slice(s + 1))
      expect(four.filter((digit) => other.includes(digit))).toHaveLength(1);
  }
});

test('unknown digits are in no training image and in no familiar one, and nothing is lost', () => {
  const data = smallDigits({ train: 60, test: 30 });
  const problems = unknownDigits(data);
  expect(problems).toHaveLength(5);
  for (const [p, { train, id, ood }] of problems.entries()) {
    const other = ood['unknown digits']!;
    for (const { labels } of [train, id])
      expect(labels.some((digit) => unknown[p]!.includes(digit))).toBe(false);
    expect(other.labels.every((digit) => unknown[p]!.includes(digit))).toBe(true);
    expect([train.count, id.count, other.count]).toEqual([36, 18, 12]);
    expect(id.images).toHaveLength(18 * 784);
    // each image went with its label: the fixture's first pixel is its digit
    for (const { images, labels, count } of [train, id, other])
      for (let i = 0; i < count; i++) expect(images[i * 784]).toBe(labels[i]);
  }
});
