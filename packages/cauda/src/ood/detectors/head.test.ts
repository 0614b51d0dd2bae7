import { expect, test } from 'vitest';
import { checkHead } from './head.ts';

test('a bias of what are no numbers is refused', () => {
  const weights = [[1, 2]];
  for (const [bias, message] of [
    [[0, null], 'f: head.bias[1]: expected a number; got null'],
    [[0, '1'], 'f: head.bias[1]: expected a number; got "1"'],
    [BigInt64Array.of(0n, 1n), 'f: head.bias[0]: expected a number; got 0n, a bigint'],
    [[0, Infinity], 'f: head.bias must have a finite number for each of at least 2 classes'],
  ] as const)
    expect(() => checkHead('f', { weights, bias: bias as unknown as number[] })).toThrow(message);
});
