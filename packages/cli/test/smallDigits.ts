import { Random } from 'cauda';
import type { Datasets, Split } from '../src/data/datasets.ts';

/** Small data for tests: digit k is k in its first pixel, a bright bar at its own height, and some noise. */
export function smallDigits(counts: { readonly train: number; readonly test: number }): Datasets {
  const set = (seed: number) => ({
    train: split(counts.train, seed),
    test: split(counts.test, seed + 1),
  });
  return { source: 'sample', directory: '', mnist: set(0), fashionMnist: set(2), digests: {} };
}

function split(count: number, seed: number): Split {
  const random = new Random(seed);
  const images = new Uint8Array(count * 784);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  labels.forEach((digit, i) => {
    for (let p = 0; p < 784; p++) {
      const onBar = Math.floor(p / 56) === digit + 2;
      images[i * 784 + p] = p === 0 ? digit : random.integer(onBar ? 256 : 60);
    }
  });
  return { images, labels, count };
}
