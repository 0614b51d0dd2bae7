import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lossAndGradient, type PlainLayer } from '../../test/denseNetwork.ts';
import { withKernels } from '../kernels/module.ts';
import { Matrix } from '../matrix.ts';
import { Random } from '../random.ts';
import { BATCH_ENTRY, type Batch, copyRows, ENTRY, putCounting } from './inputs.ts';
import { initialLayers, layoutOf, pack, unpack } from './layers.ts';
import { Gradient, Network } from './network.ts';

const plain = (layers: ReturnType<typeof initialLayers>): PlainLayer[] =>
  layers.map(({ weights, bias }) => ({ weights: Array.from(weights.data), bias: Array.from(bias) }));

function problem(sizes: number[], n: number, share: number) {
  const random = new Random(n);
  const X = Float32Array.from({ length: n * sizes[0]! }, () =>
    random.uniform() < share ? random.normal() : 0,
  );
  const targets = Int32Array.from({ length: n }, () => random.integer(sizes.at(-1)!));
  return { X, targets, layers: initialLayers(sizes, random) };
}

test('the gradient of the reference network agrees with central differences', () => {
  const sizes = [5, 6, 4, 3];
  const { X, targets, layers } = problem(sizes, 7, 0.8);
  const exact = (value: number) => value;
  const parameters = plain(layers);
  const { gradient } = lossAndGradient(sizes, parameters, X, targets, exact);
  const h = 1e-5;
  let compared = 0;
  for (const [l, layer] of parameters.entries())
    for (const name of ['weights', 'bias'] as const)
      for (let i = 0; i < layer[name].length; i++) {
        const value = layer[name][i]!;
        const lossAt = (moved: number) => {
          layer[name][i] = moved;
          return lossAndGradient(sizes, parameters, X, targets, exact).loss;
        };
        const slope = (lossAt(value + h) - lossAt(value - h)) / (2 * h);
        layer[name][i] = value;
        expect(gradient[l]![name][i]).toBeCloseTo(slope, 8);
        compared++;
      }
  expect(compared).toBe(5 * 6 + 6 + 6 * 4 + 4 + 4 * 3 + 3);
});

/** The kernels' loss, gradient and activations of one batch, dense and sparse, are those of the reference. */
function compare(sizes: number[], n: number, share: number): void {
  const { X, targets, layers } = problem(sizes, n, share);
  const expected = lossAndGradient(sizes, plain(layers), X, targets, Math.fround);
  const d = sizes[0]!;
  const layout = layoutOf(sizes);
  for (const form of ['dense', 'sparse'])
    withKernels((kernels) => {
      const stride = layout.places[0]!.rows;
      const dense = kernels.zeros((n + 3) * stride * 4);
      copyRows(kernels, new Matrix(X, n, d), 0, n, stride, dense);
      const starts = kernels.alloc((n + 1) * 4);
      const entries = kernels.alloc((n * d + 1) * ENTRY);
      const ordered = kernels.alloc(n * d * BATCH_ENTRY);
      const rows = putCounting(kernels, n);
      kernels.run.compressF32(dense, n, d, stride, starts, entries, 0);
      const counts = kernels.alloc(d * 4);
      const count = kernels.run.batchEntriesF32(starts, entries, rows, n, d, counts, ordered);
      const batch: Batch = form === 'dense' ? { dense } : { entries: ordered, count };

      const network = new Network(kernels, layout, pack(layers, layout), 16);
      const gradient = new Gradient(kernels, layout, network, 16);
      network.forward(batch, n);
      const loss = gradient.backward(batch, n, kernels.put(targets), rows);
      expect(loss).toBe(expected.loss);
      const found = unpack(kernels.f32(gradient.values, layout.length).slice(), layout);
      expect(plain(found)).toEqual(expected.gradient);
      layout.places.forEach(({ stride, fanOut }, l) => {
        const values = kernels.f32(network.before[l]!, n * stride);
        const cut = expected.before[l]!.map(
          (_, at) => values[Math.floor(at / fanOut) * stride + (at % fanOut)],
        );
        expect(cut).toEqual(expected.before[l]);
      });
    });
}

test('dense or sparse, batches of any size through any layers have the bits of the reference', () => {
  compare([784, 128, 64, 10], 3, 0.2);
  const size = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(
      fc.array(size, { minLength: 2, maxLength: 5 }),
      fc.integer({ min: 1, max: 16 }),
      fc.constantFrom(0, 0.2, 1),
      compare,
    ),
    { numRuns: 60, seed: 1 },
  );
});

test('pack and unpack are each other’s reverse', () => {
  const layers = initialLayers([3, 5, 9, 2], new Random(0));
  const layout = layoutOf([3, 5, 9, 2]);
  expect(plain(unpack(pack(layers, layout), layout) as typeof layers)).toEqual(plain(layers));
});

test('layers begin uniform in ±1/√fanIn, as torch’s', () => {
  const { weights, bias } = initialLayers([100, 400], new Random(4))[0]!;
  for (const values of [weights.data, bias]) {
    expect(Math.max(...values)).toBeLessThanOrEqual(Math.fround(0.1));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(Math.fround(-0.1));
  }
  let squares = 0;
  for (const value of weights.data) squares += value * value;
  const variance = squares / weights.data.length;
  expect(variance / (0.01 / 3)).toBeCloseTo(1, 1);
});
