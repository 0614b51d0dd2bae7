import { expect, test } from 'vitest';
import { Matrix } from '../../../matrix.ts';
import { Random } from '../../../random.ts';
import type { FeatureMap } from '../../../views.ts';
import { cutView, isFeatureMap, pooled } from './featureMaps.ts';

const random = new Random(5);
const [n, channels, height, width] = [7, 3, 4, 5];
const values = Float32Array.from({ length: n * channels * height * width }, () => random.normal());
const nchw: FeatureMap = { data: values, dims: [n, channels, height, width], layout: 'nchw' };

/** The same values with the channels last. */
function channelsLast(): Float32Array {
  const size = height * width;
  const moved = new Float32Array(values.length);
  for (let i = 0; i < n; i++)
    for (let c = 0; c < channels; c++)
      for (let at = 0; at < size; at++)
        moved[(i * size + at) * channels + c] = values[(i * channels + c) * size + at]!;
  return moved;
}

test('by hand: two channels of 2 × 2', () => {
  const map = { data: [1, 2, 3, 6, 0, 0, 0, 8], dims: [1, 2, 2, 2], layout: 'nchw' } as const;
  expect(pooled('f', map)).toEqual(new Matrix(Float64Array.of(3, 2), 1, 2));
});

test('both layouts, and tokens without a mask, have the same bits', () => {
  const last = channelsLast();
  const means = pooled('f', nchw);
  expect(means.shape).toEqual([n, channels]);
  expect(pooled('f', { data: last, dims: [n, height, width, channels], layout: 'nhwc' })).toEqual(means);
  expect(pooled('f', { data: last, dims: [n, height * width, channels] })).toEqual(means);
  const mask = new Array(n * height * width).fill(1);
  expect(pooled('f', { data: last, dims: [n, height * width, channels], mask })).toEqual(means);
});

test('float32 stays float32, everything else that is no float64 becomes it', () => {
  const dims = [1, 1, 1] as const;
  expect(pooled('f', { data: Float32Array.of(0.1), dims }).dtype).toBe('float32');
  expect(pooled('f', { data: Uint8Array.of(7), dims }).dtype).toBe('float32');
  expect(pooled('f', { data: Float64Array.of(0.1), dims }).dtype).toBe('float64');
  expect(pooled('f', { data: [0.1], dims }).dtype).toBe('float64');
});

test('a part of a map pools to that part of its means', () => {
  const means = pooled('f', nchw);
  const part = cutView(nchw, 2, 5) as FeatureMap;
  expect(part.dims).toEqual([3, channels, height, width]);
  expect(pooled('f', part)).toEqual(means.take([2, 3, 4]));
  const mask = Uint8Array.of(1, 0, 0, 1);
  const tokens = { data: Float64Array.of(1, 2, 3, 4), dims: [2, 2, 1], mask } as const;
  expect(pooled('f', cutView(tokens, 1, 2) as FeatureMap).toArray()).toEqual([[4]]);
  expect(cutView(means, 1, 3)).toEqual(means.take([1, 2]));
});

test('only what has more than two dimensions is a map', () => {
  expect(isFeatureMap(nchw)).toBe(true);
  for (const other of [null, 3, [[1]], new Matrix(new Float64Array(1), 1, 1), { data: [1], dims: [1, 1] }])
    expect(isFeatureMap(other)).toBe(false);
});

test('mistakes are named', () => {
  const map = (change: object): FeatureMap => ({ ...nchw, ...change }) as FeatureMap;
  expect(() => pooled('f: x', map({ dims: [7, 3, 0, 5] }))).toThrow(
    'f: x: dims of a feature map must be 3 or 4 integers ≥ 1; got [7, 3, 0, 5]',
  );
  expect(() => pooled('f: x', map({ dims: [7, 3, 4, 5, 1] }))).toThrow('must be 3 or 4 integers');
  expect(() => pooled('f: x', map({ layout: 'chwn' }))).toThrow(
    'f: x: layout of a feature map of 4 dimensions must be "nchw" or "nhwc"; got "chwn"',
  );
  const bad = values.slice();
  bad[25] = Number.NaN;
  expect(() => pooled('f: x', map({ data: bad }))).toThrow('f: x: row 0, column 1 is NaN');
});

test('what a map says about its data is heeded: halves, strides, an offset, the order; also when it is cut', () => {
  const values = [1, 2, 3, 10, 4, 6, 5, 5]; // two inputs, two channels, 1 × 2 positions
  const means = [1.5, 6.5, 5, 5];
  const dims = [2, 2, 1, 2] as const;
  const halves = { 1: 0x3c00, 2: 0x4000, 3: 0x4200, 4: 0x4400, 5: 0x4500, 6: 0x4600, 10: 0x4900 };
  const byColumn = [1, 4, 3, 5, 2, 6, 10, 5]; // the first dimension runs fastest
  for (const map of [
    { data: values, dims, layout: 'nchw' },
    { type: 'float16', data: Uint16Array.from(values, (v) => halves[v as 1]), dims, layout: 'nchw' },
    { data: [0, ...values], offset: 1, dims, layout: 'nchw' },
    { data: byColumn, strides: [1, 2, 4, 4], dims, layout: 'nchw' },
    { data: Int32Array.from(byColumn), order: 'F', dims, layout: 'nchw' },
    { data: BigInt64Array.from(byColumn, BigInt), fortranOrder: true, dims, layout: 'nchw' },
  ] as FeatureMap[]) {
    expect([...pooled('f', map).data]).toEqual(means);
    expect([...pooled('f', cutView(map, 1, 2) as FeatureMap).data]).toEqual(means.slice(2));
  }
});

test('a mask of what are no numbers is refused', () => {
  const map = { data: [1, 2], dims: [1, 2, 1], mask: [1, null] } as unknown as FeatureMap;
  expect(() => pooled('f', map)).toThrow('f: mask[1] must be a number; got null');
});
