import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { worstError } from '../../test/oracles.ts';
import { Matrix } from '../matrix.ts';
import { withSession } from '../parallel/session.ts';
import { layoutOf, pack, unpack } from './layers.ts';
import { cosPi, scheduledRate } from './optimizer.ts';
import type { CheckedOptimizer } from './options.ts';
import { mlpProgram } from './program.ts';

interface Fixture {
  sizes: number[];
  steps: number;
  X: number[][];
  labels: number[];
  start: { weights: number[]; bias: number[] }[];
  runs: {
    optimizer: CheckedOptimizer;
    schedule: 'constant' | 'cosine';
    losses: number[];
    layers: { weights: number[]; bias: number[] }[];
  }[];
}
const fixture: Fixture = JSON.parse(
  readFileSync(new URL('../../test/fixtures/nn/torch.json', import.meta.url), 'utf8'),
);
const { sizes, steps, labels } = fixture;
const layout = layoutOf(sizes);
const start = fixture.start.map(({ weights, bias }, l) => ({
  weights: new Matrix(Float32Array.from(weights), sizes[l]!, sizes[l + 1]!),
  bias: Float32Array.from(bias),
}));

test.each(fixture.runs)(
  '$optimizer.name, $schedule: losses and parameters are torch’s, step by step',
  async ({ optimizer, schedule, losses, layers }) => {
    const X = new Matrix(Float32Array.from(fixture.X.flat()), labels.length, sizes[0]!);
    const config = {
      sizes,
      parameters: pack(start, layout),
      optimizer,
      schedule,
      augment: undefined,
      batchSize: labels.length,
      epochs: steps,
      seed: 0,
    };
    const columns = { targets: Int32Array.from(labels) };
    await withSession(mlpProgram, X, config, { workers: 0, columns, whole: true }, async (session) => {
      for (let epoch = 0; epoch < steps; epoch++) {
        const [loss] = await session.gather('train', { epoch, from: 0, to: 1 });
        expect(loss![0]).toBeCloseTo(losses[epoch]!, 5);
      }
      const [parameters] = await session.gather('parameters', null);
      unpack(parameters as Float32Array, layout).forEach(({ weights, bias }, l) => {
        expect(worstError(weights.data, layers[l]!.weights)).toBeLessThan(3e-6);
        expect(worstError(bias, layers[l]!.bias)).toBeLessThan(3e-6);
      });
    });
  },
);

test('cosPi is the cosine of π t within 1e-15', () => {
  for (let i = 0; i <= 1000; i++)
    expect(Math.abs(cosPi(i / 1000) - Math.cos((Math.PI * i) / 1000))).toBeLessThan(1e-15);
});

test('the cosine schedule begins at the rate, halves it midway and ends near 0', () => {
  expect(scheduledRate('cosine', 0.2, 0, 10)).toBeCloseTo(0.2, 15);
  expect(scheduledRate('cosine', 0.2, 5, 10)).toBeCloseTo(0.1, 15);
  expect(scheduledRate('cosine', 0.2, 9, 10)).toBeCloseTo(0.1 * (1 + Math.cos(0.9 * Math.PI)), 15);
  expect(scheduledRate('constant', 0.2, 9, 10)).toBe(0.2);
});
