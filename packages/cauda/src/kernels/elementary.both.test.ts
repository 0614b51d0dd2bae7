import { expect, test } from 'vitest';
import { Random } from '../random.ts';
import { exp, log } from './elementary.ts';
import { withKernels } from './module.ts';

// High precision by whole numbers: values are BigInts scaled by 2^BITS.
const BITS = 256n;
const ONE = 1n << BITS;

/** A double as an exact fixed-point number. */
function fixed(x: number): bigint {
  const words = new DataView(new ArrayBuffer(8));
  words.setFloat64(0, x);
  const bits = words.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & ((1n << 52n) - 1n);
  const mantissa = exponent === 0 ? fraction : fraction | (1n << 52n);
  const shift = BITS + BigInt(Math.max(exponent, 1) - 1075);
  const magnitude = shift >= 0n ? mantissa << shift : mantissa >> -shift;
  return bits >> 63n ? -magnitude : magnitude;
}

/** ln 2 = Σ 1 / (k 2^k). */
const LN2 = (() => {
  let sum = 0n;
  for (let k = 1n; k <= BITS + 8n; k++) sum += ONE / (k << k);
  return sum;
})();

/** eˣ as m × 2^k with m a fixed-point number in [½, 2). */
function exactExp(x: number): { m: bigint; k: number } {
  const k = Math.round(x / Math.LN2);
  const r = fixed(x) - BigInt(k) * LN2;
  let term = ONE;
  let m = ONE;
  for (let i = 1n; term !== 0n; i++) {
    term = (term * r) / (i * ONE);
    m += term;
  }
  return { m, k };
}

/** ln x, by 2 artanh((f − 1) / (f + 1)) after taking out powers of two. */
function exactLog(x: number): bigint {
  const k = Math.floor(Math.log2(x));
  const scale = 2 ** -Math.max(-1000, Math.min(1000, k));
  const f = fixed(x * scale * 2 ** (Math.max(-1000, Math.min(1000, k)) - k));
  const s = ((f - ONE) * ONE) / (f + ONE);
  const square = (s * s) / ONE;
  let power = s;
  let sum = 0n;
  for (let i = 1n; power !== 0n; i += 2n) {
    sum += power / i;
    power = (power * square) / ONE;
  }
  return 2n * sum + BigInt(k) * LN2;
}

const ulp = (y: number): number => {
  const words = new DataView(new ArrayBuffer(8));
  words.setFloat64(0, y);
  return 2 ** (Math.max((words.getUint16(0) & 0x7ff0) >> 4, 1) - 1075);
};

const random = new Random(3);
const points = {
  exp: [
    ...Array.from({ length: 3000 }, () => random.uniform() * 1455 - 745.13),
    ...Array.from({ length: 500 }, () => (random.uniform() - 0.5) * 1e-3),
    ...[
      0,
      -0,
      1,
      -1,
      709.782712893384,
      -745.1332191019412,
      -708.39,
      -720,
      1e-300,
      Math.LN2 / 2,
      -Math.LN2 / 2,
    ],
  ],
  log: [
    ...Array.from({ length: 3000 }, () => (1 + random.uniform()) * 2 ** (random.integer(2044) - 1022)),
    ...Array.from({ length: 500 }, () => 1 + (random.uniform() - 0.5) * 1e-3),
    ...[1, 2, 0.5, Math.SQRT2, Math.SQRT1_2, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e-310],
  ],
};

test('exp is within 1 ulp of the exact value over the whole range', () => {
  let worst = 0;
  for (const x of points.exp) {
    const { m, k } = exactExp(x);
    const y = exp(x);
    // |y − m 2^k| in units of ulp(y), without leaving the whole numbers
    const unit = ulp(y);
    const scaled = fixed(1) * BigInt(Math.round(y / unit));
    const exponent = k - Math.round(Math.log2(unit));
    const error = scaled - (exponent >= 0 ? m << BigInt(exponent) : m >> BigInt(-exponent));
    worst = Math.max(worst, Math.abs(Number((error * 1000n) / ONE)) / 1000);
  }
  expect(worst).toBeLessThan(1);
  expect(worst).toBeGreaterThan(0.4); // the measure sees ordinary rounding
});

test('log is within 1 ulp of the exact value over the whole range', () => {
  let worst = 0;
  for (const x of points.log) {
    const y = log(x);
    if (x === 1) {
      expect(y).toBe(0);
      continue;
    }
    const error = fixed(y) - exactLog(x);
    worst = Math.max(worst, Math.abs(Number((error * 1000n) / fixed(ulp(y)))) / 1000);
  }
  expect(worst).toBeLessThan(1);
  expect(worst).toBeGreaterThan(0.4);
});

test('the kernels give the same bits', () => {
  const bits = (name: 'exp' | 'log', ours: (x: number) => number) =>
    withKernels((kernels) => {
      const { run } = kernels;
      const inputs = [...points[name], NaN, Infinity, -Infinity, 710, -746, 0, -0, -1];
      const [scalar, whole] = name === 'exp' ? [run.exp, run.expF64] : [run.log, run.logF64];
      const pointer = kernels.put(Float64Array.from(inputs));
      whole(pointer, inputs.length);
      expect(Array.from(kernels.f64(pointer, inputs.length))).toEqual(inputs.map(ours));
      expect(inputs.map((x) => scalar(x))).toEqual(inputs.map(ours));
    });
  bits('exp', exp);
  bits('log', log);
});

test('exp and log end in 0, ±Infinity and NaN', () => {
  expect([exp(710), exp(Infinity), exp(-746), exp(-Infinity), exp(NaN)]).toEqual([
    Infinity,
    Infinity,
    0,
    0,
    NaN,
  ]);
  expect([log(0), log(-0), log(-1), log(Infinity), log(NaN)]).toEqual([
    -Infinity,
    -Infinity,
    NaN,
    Infinity,
    NaN,
  ]);
  expect(exp(0)).toBe(1);
});
