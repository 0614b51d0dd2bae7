import type { MlpClassifier } from 'cauda/nn';
import type { Guard } from 'cauda/ood';
import type { Split } from '../../data/datasets.ts';
import { pixels } from '../../data/images.ts';
import type { GuardSection } from '../../result/sections/guard.ts';
import { secondsSince } from '../../timed.ts';

/** How many checks are timed, after as many to warm up. */
const CHECKS = 400;

/** Median seconds of single checks, of activations and of pixels. */
export function checkTimes(guard: Guard, network: MlpClassifier, split: Split): GuardSection['checkSeconds'] {
  const images = pixels(split, 255);
  const { layers, logits } = network.views(images);
  const median = (check: (image: number) => void): number => {
    const seconds = Array.from({ length: 2 * CHECKS }, (_, i) => {
      const started = performance.now();
      check(i % split.count);
      return secondsSince(started);
    });
    return seconds.slice(CHECKS).sort((a, b) => a - b)[CHECKS >> 1]!;
  };
  return {
    activations: median((i) => {
      guard.check({
        layers: layers.map((layer) => layer.row(i)),
        logits: logits.row(i),
      });
    }),
    pixels: median((i) => {
      guard.checkAll(network.views([images.row(i)]));
    }),
  };
}
