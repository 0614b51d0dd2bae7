import { expect, test } from 'vitest';
import { philox4x32, Random } from './random.ts';

const scrambled = (counter: number[], key: [number, number]) => {
  const block = Uint32Array.from(counter);
  philox4x32(block, ...key);
  return Array.from(block, (word) => word.toString(16).padStart(8, '0')).join(' ');
};

test('philox4x32 gives the known answers of Random123', () => {
  const ones = 0xffffffff;
  expect(scrambled([0, 0, 0, 0], [0, 0])).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8');
  expect(scrambled([ones, ones, ones, ones], [ones, ones])).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd');
  expect(scrambled([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toBe(
    'd16cfe09 94fdcceb 5001e420 24126ea1',
  );
});
test('a seed outside [0, 2^53) is refused', () => {
  expect(() => new Random(-1)).toThrow('random: seed must be an integer in [0, 2^53); got -1');
});
