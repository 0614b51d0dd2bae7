import { describe } from './check.ts';
import { log } from './kernels/elementary.ts';

/**
 * The only source of chance in Cauda: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: *Parallel random numbers: as easy
 * as 1, 2, 3*, SC 2011). It is counter-based: block i of a stream is a keyed scramble of i, so that streams with
 * different keys are independent and the same seed gives the same numbers on every machine.
 *
 * The seed's low and high 32 bits are the key; the counter starts at 0 and each block gives four words.
 */
export class Random {
  readonly #key: readonly [number, number];
  readonly #block = new Uint32Array(4);
  #counter = 0;
  #used = 4;
  #spare = NaN;

  /**
   * @param seed an integer in [0, 2^53)
   * @throws RangeError for any other seed
   */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new RangeError(`Random: seed must be an integer in [0, 2^53); got ${describe(seed)}`);
    this.#key = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
  }

  /**
   * An independent generator. It is the same for the same index, however much of this one has been used: each restart,
   * epoch or task takes its own, so that adding one never changes the others.
   */
  stream(index: number): Random {
    const block = new Uint32Array([index >>> 0, Math.floor(index / 2 ** 32) >>> 0, 0x73747265, 0x616d0000]);
    philox4x32(block, this.#key[0], this.#key[1]);
    return new Random(block[0]! + (block[1]! & 0x1fffff) * 2 ** 32);
  }

  /** The next 32 random bits, an integer in [0, 2^32). */
  uint32(): number {
    if (this.#used === 4) {
      this.#block[0] = this.#counter >>> 0;
      this.#block[1] = Math.floor(this.#counter / 2 ** 32);
      this.#block[2] = 0;
      this.#block[3] = 0;
      this.#counter++;
      philox4x32(this.#block, this.#key[0], this.#key[1]);
      this.#used = 0;
    }
    return this.#block[this.#used++]!;
  }

  /** Uniform in [0, 1), a multiple of 2^−53. */
  uniform(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 2 ** 26 + low) * 2 ** -53;
  }

  /** A uniform integer in [0, n), without bias, for n in [1, 2^32]. */
  integer(n: number): number {
    const limit = 2 ** 32 - (2 ** 32 % n); // words at or above it would favor small results
    let word = this.uint32();
    while (word >= limit) word = this.uint32();
    return word % n;
  }

  /** Standard normal, by Marsaglia's polar method with Cauda's own logarithm. */
  normal(): number {
    if (!Number.isNaN(this.#spare)) {
      const spare = this.#spare;
      this.#spare = NaN;
      return spare;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const factor = Math.sqrt((-2 * log(s)) / s);
      this.#spare = v * factor;
      return u * factor;
    }
  }

  /** The integers 0 … n − 1 in random order (Fisher and Yates). */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    this.#shuffle(order, n - 1);
    return order;
  }

  /**
   * k different integers from [0, n), in random order.
   * @throws RangeError if k > n
   */
  choice(n: number, k: number): Uint32Array {
    if (k > n) throw new RangeError(`Random.choice: k must be at most n, which is ${n}; got ${k}`);
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    this.#shuffle(order, k);
    return order.slice(0, k);
  }

  /** Puts at each of the first `count` places a random element of those that are not placed yet. */
  #shuffle(order: Uint32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const j = i + this.integer(order.length - i);
      const kept = order[i]!;
      order[i] = order[j]!;
      order[j] = kept;
    }
  }
}

/** Ten rounds of Philox4x32 on `block`, in place. */
export function philox4x32(block: Uint32Array, key0: number, key1: number): void {
  let [a, b, c, d] = block as unknown as [number, number, number, number];
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, a);
    const low0 = Math.imul(0xd2511f53, a);
    const high1 = multiplyHigh(0xcd9e8d57, c);
    const low1 = Math.imul(0xcd9e8d57, c);
    a = high1 ^ b ^ key0;
    b = low1;
    c = high0 ^ d ^ key1;
    d = low0;
    key0 = (key0 + 0x9e3779b9) | 0;
    key1 = (key1 + 0xbb67ae85) | 0;
  }
  block[0] = a;
  block[1] = b;
  block[2] = c;
  block[3] = d;
}

/** The upper 32 bits of the 64-bit product of two unsigned words. */
function multiplyHigh(x: number, y: number): number {
  const xLow = x & 0xffff;
  const xHigh = x >>> 16;
  const yLow = y & 0xffff;
  const yHigh = y >>> 16;
  const middle = xHigh * yLow + ((xLow * yLow) >>> 16);
  const carry = xLow * yHigh + (middle & 0xffff);
  return (xHigh * yHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) | 0;
}
