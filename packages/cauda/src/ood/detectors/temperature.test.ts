import { expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { fitTemperature } from './temperature.ts';

/** Logits of which the softmax at temperature `truth` is right: labels are drawn from it. */
function drawn(n: number, truth: number, seed: number): { logits: number[][]; labels: number[] } {
  const random = new Random(seed);
  const logits = Array.from({ length: n }, () =>
    Array.from({ length: 4 }, () => 3 * truth * random.normal()),
  );
  const labels = logits.map((z) => {
    const weights = z.map((value) => Math.exp(value / truth));
    let level = random.uniform() * weights.reduce((sum, w) => sum + w, 0);
    return Math.max(
      0,
      weights.findIndex((weight) => (level -= weight) < 0),
    );
  });
  return { logits, labels };
}

const nll = ({ logits, labels }: ReturnType<typeof drawn>, temperature: number): number =>
  logits.reduce((sum, z, i) => {
    const scaled = z.map((value) => value / temperature);
    const largest = Math.max(...scaled);
    return (
      sum + largest + Math.log(scaled.reduce((s, v) => s + Math.exp(v - largest), 0)) - scaled[labels[i]!]!
    );
  }, 0);

test.each([0.01, 0.5, 1, 30, 1e4])(
  'finds the temperature %d that the labels were drawn at',
  async (truth) => {
    const heldOut = drawn(4000, truth, 1);
    const found = await fitTemperature(heldOut);
    expect(found / truth).toBeGreaterThan(0.9);
    expect(found / truth).toBeLessThan(1.1);
    for (const other of [0.999, 1.001]) expect(nll(heldOut, found)).toBeLessThan(nll(heldOut, found * other));
  },
);

test('is in the unit of the logits', async () => {
  const { logits, labels } = drawn(500, 2, 3);
  const scaled = logits.map((z) => z.map((value) => value * 1024));
  expect(
    (await fitTemperature({ logits: scaled, labels })) / (await fitTemperature({ logits, labels })),
  ).toBeCloseTo(1024, 8);
});

test('one row wrong among thousands of very sure ones is enough', async () => {
  const logits = Array.from({ length: 5000 }, () => [20, 0]);
  const labels = logits.map((_, i) => Number(i === 7));
  expect(await fitTemperature({ logits, labels })).toBeCloseTo(20 / Math.log(4999), 9);
});

test('says why there is no best temperature', async () => {
  const logits = [
    [2, 0],
    [0, 2],
  ];
  await expect(fitTemperature({ logits, labels: [0, 1] })).rejects.toThrow(
    'fitTemperature: all 2 rows are classified right, so every lower temperature is better; give rows held out from training, and enough that some are classified wrong',
  );
  await expect(fitTemperature({ logits, labels: [1, 0] })).rejects.toThrow(
    'fitTemperature: the logits tell the labels no better than chance, so no temperature is best; check that labels are indices of the logits',
  );
  await expect(fitTemperature({ logits, labels: [0, 2] })).rejects.toThrow(
    'fitTemperature: labels[1] must be the index of one of the 2 classes; got 2',
  );
  await expect(fitTemperature({ logits, labels: [0] })).rejects.toThrow(
    'fitTemperature: labels has 1 entries',
  );
});
