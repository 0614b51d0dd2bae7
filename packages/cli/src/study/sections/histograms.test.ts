import { expect, test } from 'vitest';
import { histogram } from './histograms.ts';

test('densities share their bins, have an area of 1 each, and the highest value is in the last bin', () => {
  const ramp = Float64Array.from({ length: 1000 }, (_, i) => i / 10);
  const { edges, densities } = histogram([ramp, Float64Array.of(99.9)]);
  expect(edges).toHaveLength(51);
  for (let i = 1; i < edges.length; i++) expect(edges[i]).toBeGreaterThan(edges[i - 1]!);
  const width = edges[1]! - edges[0]!;
  for (const density of densities)
    expect(density.reduce((sum, value) => sum + value * width, 0)).toBeCloseTo(1, 12);
  expect(densities[1]!.findIndex((value) => value > 0)).toBe(49);
});

test('the first bin takes in strays far to the left, which do not stretch the others', () => {
  const values = Float64Array.from({ length: 1000 }, (_, i) => (i === 0 ? -1e9 : i));
  const { edges, densities } = histogram([values]);
  expect(edges[0]).toBeGreaterThan(0);
  expect(densities[0]![0]! * (edges[1]! - edges[0]!)).toBeCloseTo(0.024, 2);
});

test('equal values make no empty bins wide or infinite', () => {
  const { edges, densities } = histogram([new Float64Array(3).fill(5)]);
  expect(edges.every(Number.isFinite)).toBe(true);
  expect(densities[0]![0]).toBe(1);
});
