import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { type ConditionalMethod, conditionalBounds, conditionalPValues } from './conditional.ts';
import { conformalPValues } from './conformal.ts';

const methods: ConditionalMethod[] = ['simes', 'dkwm', 'asymptotic', 'monteCarlo'];
const boundsOf = (method: ConditionalMethod, n: number, confidence = 0.95, seed = 0) =>
  conditionalBounds('test', n, method, confidence, seed);

/**
 * P(U₍₁₎ ≤ b₁, …, U₍ₙ₎ ≤ bₙ), exactly: the number of uniforms below b₁, b₂, … is a Markov chain with binomial steps,
 * and must be ≥ i at bᵢ. Positive terms only.
 */
function probabilityBelow(bounds: ArrayLike<number>, n: number): number {
  let chance = new Float64Array(n + 1);
  chance[0] = 1;
  for (let i = 1, from = 0; i <= n; i++) {
    const share = (bounds[i - 1]! - from) / (1 - from || 1);
    from = bounds[i - 1]!;
    const next = new Float64Array(n + 1);
    for (let j = i - 1; j <= n; j++) {
      if (chance[j] === 0) continue;
      const rest = n - j;
      let choose = 1;
      for (let step = 0; step <= rest; step++) {
        if (j + step >= i)
          next[j + step]! += chance[j]! * choose * share ** step * (1 - share) ** (rest - step);
        choose *= (rest - step) / (step + 1);
      }
    }
    chance = next;
  }
  return chance[n]!;
}

test('the exact probability, by hand: n = 1, and n = 2', () => {
  expect(probabilityBelow([0.3], 1)).toBeCloseTo(0.3, 15);
  // Of two uniforms, P(min ≤ a, max ≤ b) = b² − (b − a)².
  expect(probabilityBelow([0.3, 0.8], 2)).toBeCloseTo(0.64 - 0.25, 15);
});

test('Simes’ bounds hold with probability 1 − δ to the last digits', () => {
  for (const n of [2, 3, 10, 41, 60])
    for (const confidence of [0.5, 0.9, 0.99])
      expect(probabilityBelow(boundsOf('simes', n, confidence), n), `n = ${n}`).toBeCloseTo(confidence, 12);
});

test('the DKWM bounds hold with at least the confidence', () => {
  for (const n of [1, 5, 20, 60])
    expect(probabilityBelow(boundsOf('dkwm', n), n)).toBeGreaterThanOrEqual(0.95);
});

test('the simulated bounds hold with the confidence, on average over simulations exactly', () => {
  for (const n of [5, 20, 50]) {
    let mean = 0;
    for (let seed = 0; seed < 20; seed++)
      mean += probabilityBelow(boundsOf('monteCarlo', n, 0.9, seed), n) / 20;
    expect(Math.abs(mean - 0.9)).toBeLessThan(4 * Math.sqrt((0.9 * 0.1) / 1000 / 20));
  }
  // one simulation is off by its own noise only, √(0.9 × 0.1 / 1000) = 0.0095
  expect(Math.abs(probabilityBelow(boundsOf('monteCarlo', 40, 0.9), 40) - 0.9)).toBeLessThan(0.03);
});

test('the asymptotic bounds miss the confidence by a little, which is why they are not the default', () => {
  const held = probabilityBelow(boundsOf('asymptotic', 60, 0.9), 60);
  expect(held).toBeGreaterThan(0.8);
  expect(held).toBeLessThan(1);
});

test('conformal p-values as they are hold for almost no calibration set', () => {
  const n = 40;
  const unadjusted = Float64Array.from({ length: n }, (_, i) => (i + 1) / (n + 1));
  expect(probabilityBelow(unadjusted, n)).toBeLessThan(0.05);
});

test('bounds increase to 1, are above the plain p-values where it counts, and fall with n and with δ', () => {
  for (const method of methods) {
    for (const n of [16, 17, 100, 1000]) {
      const bounds = boundsOf(method, n);
      expect(bounds).toHaveLength(n + 1);
      expect(bounds[n]).toBe(1);
      for (let i = 0; i < n; i++) {
        expect(bounds[i]!, `${method} b${i + 1} of ${n}`).toBeLessThanOrEqual(bounds[i + 1]!);
        expect(bounds[i]!).toBeGreaterThan((i + 1) / (n + 1));
      }
    }
    expect(boundsOf(method, 1000)[9]).toBeLessThan(boundsOf(method, 100)[0]!);
    expect(boundsOf(method, 100, 0.99)[0]).toBeGreaterThan(boundsOf(method, 100, 0.9)[0]!);
  }
});

test('by hand: the smallest p′ of Simes and of DKWM, n = 100', () => {
  expect(boundsOf('simes', 100)[0]).toBeCloseTo(1 - 0.05 ** (1 / 50), 14);
  expect(boundsOf('simes', 100)[1]).toBeCloseTo(1 - (0.05 * 0.5) ** (1 / 50), 14); // (100 − 50) / 100
  expect(boundsOf('dkwm', 100)[0]).toBeCloseTo(0.01 + Math.sqrt(Math.log(40) / 200), 14);
});

test('p′ is the bound at the conformal p-value’s place', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 16, maxLength: 40 }),
      fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 1, maxLength: 10 }),
      fc.constantFrom(...methods),
      (calibration, scores, method) => {
        const n = calibration.length;
        const bounds = boundsOf(method, n);
        const p = conformalPValues(calibration, scores);
        const conditional = conditionalPValues(calibration, scores, { method });
        conditional.forEach((value, i) => {
          expect(value).toBe(bounds[Math.round((n + 1) * p[i]!) - 1]);
        });
      },
    ),
  );
});

test('given the calibration set, no level is exceeded, for the promised share of sets; plain p-values break it', () => {
  // Uniform scores: given the set, P(p ≤ a) is 1 − the smallest score whose p is ≤ a, exactly.
  const random = new Random(5);
  const n = 100;
  const trials = 2000;
  const kept: Record<string, number> = { plain: 0 };
  for (const method of methods) kept[method] = 0;
  const bounds = Object.fromEntries(methods.map((method) => [method, boundsOf(method, n, 0.9)]));
  for (let trial = 0; trial < trials; trial++) {
    const largestFirst = Float64Array.from({ length: n }, () => random.uniform())
      .sort()
      .reverse();
    const holds = (level: (place: number) => number) =>
      largestFirst.every((score, i) => 1 - score <= level(i));
    if (holds((i) => (i + 1) / (n + 1))) kept.plain!++;
    for (const method of methods) if (holds((i) => bounds[method]![i]!)) kept[method]!++;
  }
  const noise = 3 * Math.sqrt(0.9 * 0.1 * trials);
  expect(kept.simes).toBeGreaterThan(0.9 * trials - noise);
  expect(kept.simes).toBeLessThan(0.9 * trials + noise);
  expect(kept.monteCarlo).toBeGreaterThan(0.9 * trials - 2 * noise); // the simulation's noise comes on top
  expect(kept.dkwm).toBeGreaterThan(0.9 * trials - noise);
  expect(kept.plain).toBeLessThan(0.05 * trials);
});

test('errors say what to try', () => {
  expect(() => conditionalPValues([1, 2], [1], { method: 'asymptotic' })).toThrow(
    'conditionalPValues: method "asymptotic" needs at least 16 calibration scores; got 2',
  );
  expect(() => conditionalPValues([1, 2], [1], { confidence: 0.9999 })).toThrow(
    'conditionalPValues: method "monteCarlo" simulates confidence up to 0.999; got 0.9999; try method "simes"',
  );
  expect(() => conditionalPValues([1, 2], [1], { confidence: 1 })).toThrow(
    'conditionalPValues: confidence must be a number in (0, 1); got 1',
  );
  expect(() => conditionalPValues([1, NaN], [1])).toThrow(
    'conditionalPValues: calibrationScores[1] is NaN; expected a number',
  );
});
