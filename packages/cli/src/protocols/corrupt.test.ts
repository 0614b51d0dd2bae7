import { createHash } from 'node:crypto';
import { Random } from 'cauda';
import { describe, expect, test } from 'vitest';
import type { Split } from '../data/datasets.ts';
import { type CorruptionKind, corrupt, corruptionKinds, type Severity, severities } from './corrupt.ts';
import { rotate } from './corruptions/rotated.ts';

const SIDE = 28;
const AREA = SIDE * SIDE;

function split(images: readonly ArrayLike<number>[], labels = images.map((_, i) => i % 10)): Split {
  return {
    images: Uint8Array.from(images.flatMap((image) => Array.from(image))),
    labels: Uint8Array.from(labels),
    count: images.length,
  };
}

/** Strokes as of a pen: a bright walk on black. */
function strokes(count: number, seed: number): Split {
  const random = new Random(seed);
  const images = Array.from({ length: count }, () => {
    const image = new Uint8Array(AREA);
    let [x, y] = [14, 14];
    for (let step = 0; step < 120; step++) {
      image[y * SIDE + x] = 155 + random.integer(101);
      x = Math.min(22, Math.max(5, x + random.integer(3) - 1));
      y = Math.min(22, Math.max(5, y + random.integer(3) - 1));
    }
    return image;
  });
  return split(images);
}

const written = strokes(40, 1);
const images = (kind: CorruptionKind, severity: Severity, given: Split = written, seed = 0): Uint8Array =>
  corrupt(given, { kind, severity, seed }).images;
const constant = (gray: number) => new Uint8Array(AREA).fill(gray);
/** One pixel's image: black but for (x, y). */
const dot = (x: number, y: number, gray = 255) => {
  const image = constant(0);
  image[y * SIDE + x] = gray;
  return image;
};
const turned = (image: Uint8Array, degrees: number) => {
  const out = new Uint8ClampedArray(AREA);
  rotate(image, degrees, out);
  return Array.from(out);
};

describe.each(corruptionKinds)('%s', (kind) => {
  test('gives the same pixels on every machine', () => {
    const digests = severities.map((severity) =>
      createHash('sha256').update(images(kind, severity)).digest('hex').slice(0, 16),
    );
    expect(digests).toMatchSnapshot();
  });

  test('changes more, the more severe it is', () => {
    const change = severities.map((severity) => {
      const corrupted = images(kind, severity);
      return corrupted.reduce((sum, gray, p) => sum + Math.abs(gray - written.images[p]!), 0);
    });
    expect(change[0]).toBeGreaterThan(0);
    for (let s = 1; s < change.length; s++) expect(change[s]).toBeGreaterThan(change[s - 1]!);
  });

  test('leaves labels and what it was given', () => {
    const before = written.images.slice();
    const { labels, count } = corrupt(written, { kind, severity: 3, seed: 0 });
    expect([labels, count]).toEqual([written.labels, written.count]);
    expect(written.images).toEqual(before);
  });

  test('heeds the seed where it draws, and each image has its own stream', () => {
    const drawn = kind !== 'inverted' && kind !== 'blurred';
    expect(Buffer.compare(images(kind, 3, written, 1), images(kind, 3, written, 0)) !== 0).toBe(drawn);
    if (kind === 'blended') return; // its other image is one of those there are
    const few = { ...written, images: written.images.subarray(0, 7 * AREA), count: 7 };
    expect(images(kind, 3, few)).toEqual(images(kind, 3).subarray(0, 7 * AREA));
  });
});

test('noise has its standard deviation and no bias where nothing is cut off', () => {
  const gray = split(Array.from({ length: 20 }, () => constant(128)));
  const noise = Float64Array.from(images('noise', 2, gray), (value) => value - 128); // σ = 40
  const mean = noise.reduce((sum, value) => sum + value) / noise.length;
  const deviation = Math.sqrt(noise.reduce((sum, value) => sum + value * value, 0) / noise.length);
  // 15,680 pixels: standard errors 0.32 and 0.23, and of 3.2 σ at the ends next to nothing is cut off
  expect(Math.abs(mean)).toBeLessThan(1.3);
  expect(Math.abs(deviation - 40)).toBeLessThan(1);
});

test('inverted is the negative at severity 5, and twice the image; before that, a mixture', () => {
  const given = split([Uint8Array.from({ length: AREA }, (_, p) => p % 256)]);
  const negative = { ...given, images: images('inverted', 5, given) };
  expect(negative.images).toEqual(given.images.map((gray) => 255 - gray));
  expect(images('inverted', 5, negative)).toEqual(given.images);
  // 0.8 · 200 + 0.2 · 55 = 171
  expect(images('inverted', 1, split([constant(200)]))).toEqual(constant(171));
});

test('rotation by 0° and 360° is the identity, by 90° moves a pixel counterclockwise, and −90° brings it back', () => {
  const image = written.images.subarray(0, AREA);
  expect(turned(image, 0)).toEqual(Array.from(image));
  expect(turned(image, 360)).toEqual(Array.from(image));
  expect(turned(image, -360)).toEqual(Array.from(image));
  // (20, 10) is 6.5 right of the center and 3.5 above it; a quarter turn leaves it 3.5 left and 6.5 above
  expect(turned(dot(20, 10), 90)).toEqual(Array.from(dot(10, 7)));
  expect(turned(dot(10, 7), -90)).toEqual(Array.from(dot(20, 10)));
  expect(turned(Uint8Array.from(turned(image, 180)), 180)).toEqual(Array.from(image));
  expect(turned(image, 165)).not.toEqual(turned(image, 180));
});

test('blurring by hand: a dot becomes the binomial weights, and a plain gray stays', () => {
  // severity 1, σ² = ½, is one pass of ¼ ½ ¼ each way: sixteenths of 160
  const blurred = images('blurred', 1, split([dot(10, 10, 160)]));
  const block = [9, 10, 11].map((y) => Array.from(blurred.subarray(y * SIDE + 9, y * SIDE + 12)));
  expect(block).toEqual([
    [10, 20, 10],
    [20, 40, 20],
    [10, 20, 10],
  ]);
  expect(blurred.reduce((sum, gray) => sum + gray)).toBe(160);
  for (const severity of severities)
    expect(images('blurred', severity, split([constant(77)]))).toEqual(constant(77));
});

test('an occluded image has one gray square, whole and inside', () => {
  const sides = [4, 7, 10, 13, 16];
  for (const severity of severities) {
    const corrupted = images('occluded', severity, split(Array.from({ length: 50 }, () => constant(0))));
    for (let i = 0; i < 50; i++) {
      const places = Array.from(corrupted.subarray(i * AREA, (i + 1) * AREA).entries())
        .filter(([, gray]) => gray !== 0)
        .map(([p, gray]) => ({ x: p % SIDE, y: Math.floor(p / SIDE), gray }));
      const side = sides[severity - 1]!;
      const extent = (axis: 'x' | 'y') =>
        Math.max(...places.map((place) => place[axis])) - Math.min(...places.map((place) => place[axis])) + 1;
      expect([places.length, extent('x'), extent('y')]).toEqual([side * side, side, side]);
      expect(places.every(({ gray }) => gray === 128)).toBe(true);
    }
  }
});

test('a blended image is a mixture with one of another class', () => {
  // classes 0, 0, 0, 1 with grays 0, 0, 0, 200: the zeros can only meet the last, which meets a zero
  const given = split([constant(0), constant(0), constant(0), constant(200)], [0, 0, 0, 1]);
  const grays = (severity: Severity) => [0, 1, 2, 3].map((i) => images('blended', severity, given)[i * AREA]);
  expect(grays(1)).toEqual([20, 20, 20, 180]);
  expect(grays(5)).toEqual([100, 100, 100, 100]);
  expect(() => images('blended', 1, split([constant(0)], [7]))).toThrow(
    'corrupt: blended needs images of at least two classes',
  );
});
