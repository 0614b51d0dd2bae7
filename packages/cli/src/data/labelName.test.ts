import { expect, test } from 'vitest';
import { labelName } from './labelName.ts';

test('a label of MNIST is its digit, one of Fashion-MNIST a garment', () => {
  expect([labelName('MNIST', 7), labelName('Fashion-MNIST', 9)]).toEqual(['7', 'ankle boot']);
});
