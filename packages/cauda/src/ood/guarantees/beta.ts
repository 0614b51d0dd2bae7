import { exp, log } from '../../kernels/elementary.ts';

/**
 * The Beta distribution, without the engine's `Math`: the l-th largest of n uniform numbers lies Beta(l, n + 1 − l)
 * below 1, which is where every promise about a threshold comes from.
 */

const LOG_2PI = 1.8378770664093453;

/**
 * P(Beta(a, b) ≤ x), the regularized incomplete beta function I_x(a, b), for a, b > 0 and x in [0, 1]. Relative error
 * about 1e-13 up to a + b = 1e6. By the continued fraction 26.5.8 of Abramowitz and Stegun, evaluated by Lentz's
 * method on the side of the mean where it converges fast.
 */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  return x < (a + 1) / (a + b + 2) ? lowerTail(x, a, b) : 1 - lowerTail(1 - x, b, a);
}

/**
 * The x at which `betaCdf(x, a, b)` is q: Newton's method for log q in log x, where the lower tail is straight, kept
 * inside a bracket that shrinks at each step.
 */
export function betaQuantile(q: number, a: number, b: number): number {
  if (q <= 0) return 0;
  if (q >= 1) return 1;
  let low = 0;
  let high = 1;
  let x = a / (a + b);
  for (let step = 0; step < 200; step++) {
    const p = betaCdf(x, a, b);
    if (p > q) high = x;
    else low = x;
    const newton = x * exp((log(q / p) * p * (1 - x)) / powers(x, a, b));
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - x) <= 2 * Number.EPSILON * x) return next;
    x = next;
  }
  return x;
}

function lowerTail(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const kept = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / kept(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / kept(1 + even * d);
    c = kept(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / kept(1 + odd * d);
    c = kept(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) <= Number.EPSILON) break;
  }
  return (powers(x, a, b) / a) * fraction;
}

/**
 * xᵃ (1 − x)ᵇ / B(a, b), through the saddle point of the binomial, so that no large logarithms cancel. Loader: *Fast
 * and Accurate Computation of Binomial Probabilities*, 2000.
 */
function powers(x: number, a: number, b: number): number {
  const n = a + b;
  const corrections = stirlingError(n) - stirlingError(a) - stirlingError(b);
  const exponent = corrections - deviance(a, n * x) - deviance(b, n * (1 - x));
  return exp(exponent - LOG_2PI / 2) * Math.sqrt((a * b) / n);
}

/** log Γ(z + 1) − [(z + ½) log z − z + ½ log 2π], what Stirling's formula leaves, for z > 0. */
function stirlingError(z: number): number {
  let shifted = 0;
  for (; z < 16; z++) shifted += (z + 0.5) * log((z + 1) / z) - 1;
  const s = 1 / (z * z);
  return shifted + (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s / 1188)))) / z;
}

/** x log(x / mean) + mean − x, by its series where the two are close. */
function deviance(x: number, mean: number): number {
  const difference = x - mean;
  if (Math.abs(difference) >= 0.1 * (x + mean)) return x * log(x / mean) - difference;
  const v = difference / (x + mean);
  let sum = difference * v;
  let term = 2 * x * v;
  for (let j = 3; ; j += 2) {
    term *= v * v;
    const next = sum + term / j;
    if (next === sum) return sum;
    sum = next;
  }
}
