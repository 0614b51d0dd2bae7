import { describe, expect, test } from 'vitest';
import { philox4x32, Random } from './random.ts';

const scrambled = (counter: number[], key: [number, number]) => {
  const block = Uint32Array.from(counter);
  philox4x32(block, ...key);
  return Array.from(block, (word) => word.toString(16).padStart(8, '0')).join(' ');
};

/** The largest distance between the sorted values' distribution and `cdf`, times √n (Kolmogorov and Smirnov). */
function kolmogorov(values: number[], cdf: (x: number) => number): number {
  values.sort((a, b) => a - b);
  const n = values.length;
  let worst = 0;
  values.forEach((x, i) => {
    worst = Math.max(worst, Math.abs(cdf(x) - i / n), Math.abs(cdf(x) - (i + 1) / n));
  });
  return worst * Math.sqrt(n);
}

/** Normal distribution function by its series; for tests only. */
function normalCdf(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 1; k < 200; k++) {
    term *= -(x * x) / (2 * k);
    sum += term / (2 * k + 1);
  }
  return 0.5 + sum / Math.sqrt(2 * Math.PI);
}

describe('golden values', () => {
  test('philox4x32 gives the known answers of Random123', () => {
    const ones = 0xffffffff;
    expect(scrambled([0, 0, 0, 0], [0, 0])).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8');
    expect(scrambled([ones, ones, ones, ones], [ones, ones])).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd');
    expect(scrambled([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toBe(
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    );
  });

  test('the numbers of seed 42 never change', () => {
    const random = new Random(42);
    expect({
      words: [random.uint32(), random.uint32()],
      uniform: [random.uniform(), random.uniform()],
      normal: [random.normal(), random.normal(), random.normal()],
      permutation: Array.from(random.permutation(8)),
      choice: Array.from(random.choice(100, 4)),
      integer: random.integer(1000),
      stream: random.stream(3).uniform(),
    }).toMatchInlineSnapshot(`
      {
        "choice": [
          98,
          78,
          93,
          86,
        ],
        "integer": 210,
        "normal": [
          0.05573423650408051,
          1.306036749645001,
          0.6771125721175902,
        ],
        "permutation": [
          3,
          1,
          2,
          5,
          7,
          0,
          4,
          6,
        ],
        "stream": 0.4751747800361237,
        "uniform": [
          0.07323173687503892,
          0.9877186516453577,
        ],
        "words": [
          2632642643,
          2012563771,
        ],
      }
    `);
  });
});

describe('statistics', () => {
  const n = 20_000;
  const critical = 1.95; // p ≈ 0.001

  test('uniform is uniform in [0, 1), with 53 bits', () => {
    const random = new Random(1);
    const values = Array.from({ length: n }, () => random.uniform());
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(values.some((value) => (value * 2 ** 52) % 1 !== 0)).toBe(true);
    expect(kolmogorov(values, (x) => x)).toBeLessThan(critical);
  });

  test('normal is standard normal, and neighbors are uncorrelated', () => {
    const random = new Random(2);
    const values = Array.from({ length: n }, () => random.normal());
    const correlation = values.slice(1).reduce((sum, v, i) => sum + v * values[i]!, 0) / n;
    expect(Math.abs(correlation) * Math.sqrt(n)).toBeLessThan(4);
    expect(kolmogorov(values, normalCdf)).toBeLessThan(critical);
  });

  test('integer has no bias, even where 2^32 is not a multiple of n', () => {
    const random = new Random(3);
    for (const size of [2, 3, 10, 3_000_000_000]) {
      const cells = Math.min(size, 6);
      const counts = new Array<number>(cells).fill(0);
      for (let i = 0; i < n; i++) counts[Math.floor((random.integer(size) / size) * cells)]!++;
      const expected = size < 6 ? n / size : n / cells;
      const share = (c: number) =>
        size < 6 || size > 1000
          ? expected
          : (n / size) * (Math.ceil(((c + 1) * size) / cells) - Math.ceil((c * size) / cells));
      const chi2 = counts.reduce((sum, count, c) => sum + (count - share(c)) ** 2 / share(c), 0);
      expect(chi2).toBeLessThan(25);
    }
  });

  test('every permutation of three is equally likely', () => {
    const random = new Random(4);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const key = random.permutation(3).join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    const chi2 = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chi2).toBeLessThan(20.5); // 5 degrees of freedom, p ≈ 0.001
  });

  test('streams are independent of each other and of what was drawn before', () => {
    const random = new Random(5);
    const early = random.stream(7).uniform();
    random.uint32();
    expect(random.stream(7).uniform()).toBe(early);
    const a = random.stream(0);
    const b = random.stream(1);
    let products = 0;
    for (let i = 0; i < n; i++) products += a.normal() * b.normal();
    expect(Math.abs(products) / Math.sqrt(n)).toBeLessThan(4);
    const firsts = new Set(Array.from({ length: 1000 }, (_, i) => random.stream(i).uint32()));
    expect(firsts.size).toBe(1000);
  });
});

describe('corners', () => {
  test('choice and permutation take nothing, one and all', () => {
    const random = new Random(0);
    expect(random.permutation(0)).toEqual(new Uint32Array(0));
    expect(random.permutation(1)).toEqual(Uint32Array.of(0));
    expect(Array.from(random.choice(5, 5)).sort()).toEqual([0, 1, 2, 3, 4]);
    expect(random.integer(1)).toBe(0);
  });
  test.each([-1, 0.5, NaN, 2 ** 53])('seed %d is refused', (seed) => {
    expect(() => new Random(seed)).toThrow(`Random: seed must be an integer in [0, 2^53); got ${seed}`);
  });
  test('choosing more than there are is refused', () => {
    expect(() => new Random(0).choice(3, 4)).toThrow('Random.choice: k must be at most n, which is 3; got 4');
  });
});
