import { Random } from 'cauda';
import type { Split } from '../data/datasets.ts';
import { AREA } from '../data/images.ts';
import { blended } from './corruptions/blended.ts';
import { blurred } from './corruptions/blurred.ts';
import type { Corruption } from './corruptions/corruption.ts';
import { inverted } from './corruptions/inverted.ts';
import { noise } from './corruptions/noise.ts';
import { occluded } from './corruptions/occluded.ts';
import { rotated } from './corruptions/rotated.ts';

export const corruptionKinds = ['noise', 'inverted', 'rotated', 'blurred', 'occluded', 'blended'] as const;
export type CorruptionKind = (typeof corruptionKinds)[number];

/** From 1, which is hardly visible, to 5. */
export const severities = [1, 2, 3, 4, 5] as const;
export type Severity = (typeof severities)[number];

export interface CorruptOptions {
  readonly kind: CorruptionKind;
  readonly severity: Severity;
  readonly seed: number;
}

const corruptions: Readonly<Record<CorruptionKind, Corruption>> = {
  noise,
  inverted,
  rotated,
  blurred,
  occluded,
  blended,
};

/**
 * Corrupts every image of a split in one way; the labels stay. Each image has its own random stream, so that it does
 * not depend on how many others there are (except with "blended", which takes one of them as the other image). The same
 * seed gives the same pixels on every machine.
 * @returns a new split of as many images
 * @throws RangeError if the kind is "blended" and all images are of one class
 */
export function corrupt(split: Split, { kind, severity, seed }: CorruptOptions): Split {
  if (kind === 'blended' && split.labels.every((label) => label === split.labels[0]))
    throw new RangeError('corrupt: blended needs images of at least two classes');
  const { strengths, apply } = corruptions[kind];
  const random = new Random(seed);
  const images = new Uint8Array(split.images.length);
  for (let i = 0; i < split.count; i++) {
    const out = new Uint8ClampedArray(images.buffer, i * AREA, AREA);
    apply(split, i, out, strengths[severity - 1]!, random.stream(i));
  }
  return { ...split, images };
}
