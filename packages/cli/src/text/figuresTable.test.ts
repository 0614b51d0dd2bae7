import { expect, test } from 'vitest';
import { figuresTable } from './figuresTable.ts';

test('a table has a line for each detector, its name left and its figures right', () => {
  expect(
    figuresTable(
      ['low', 'high'],
      [
        { detector: 'guard', auroc: [0.98765, 0.9, 1], accepted: 0.05, flagged: 0.123456 },
        { detector: 'maxSoftmax', auroc: [0.5, 0.4, 0.6], accepted: 1, flagged: Number.NaN },
      ],
    ),
  ).toEqual([
    '                AUROC      low     high  accepted  flagged',
    '  guard        0.9877   0.9000   1.0000    0.0500   0.1235',
    '  maxSoftmax   0.5000   0.4000   0.6000    1.0000        –',
  ]);
});

test('short names leave the column as wide as in other tables', () => {
  const [head, line] = figuresTable(
    ['low', 'high'],
    [{ detector: 'knn', auroc: [0, 0, 0], accepted: 0, flagged: 0 }],
  );
  expect(head).toBe('              AUROC      low     high  accepted  flagged');
  expect(line).toHaveLength(head!.length);
});
