/**
 * Steps of gradient descent, float32. n is a multiple of 4. The gradient g becomes 0, ready for the next sum.
 */

/** One step of gradient descent with momentum: v = momentum v + g, w −= rate v. */
export function sgdF32(w: usize, g: usize, v: usize, n: i32, momentum: f32, rate: f32): void {
  const m = f32x4.splat(momentum), r = f32x4.splat(rate), bytes = <usize>n << 2;
  for (let k: usize = 0; k < bytes; k += 16) {
    const next = f32x4.add(f32x4.mul(m, v128.load(v + k)), v128.load(g + k));
    v128.store(v + k, next);
    v128.store(g + k, f32x4.splat(0));
    v128.store(w + k, f32x4.sub(v128.load(w + k), f32x4.mul(r, next)));
  }
}

/**
 * One step of Adam: m = beta1 m + rest1 g, s = beta2 s + rest2 g², w −= rate m / (√s / correction + epsilon).
 * D. P. Kingma, J. Ba: Adam: a method for stochastic optimization, ICLR 2015, with both corrections in `rate`
 * and `correction`.
 */
export function adamF32(
  w: usize, g: usize, m: usize, s: usize, n: i32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, rate: f32,
  correction: f32, epsilon: f32,
): void {
  const b1 = f32x4.splat(beta1), r1 = f32x4.splat(rest1), b2 = f32x4.splat(beta2), r2 = f32x4.splat(rest2);
  const r = f32x4.splat(rate), c = f32x4.splat(correction), eps = f32x4.splat(epsilon), bytes = <usize>n << 2;
  for (let k: usize = 0; k < bytes; k += 16) {
    const gradient = v128.load(g + k);
    const first = f32x4.add(f32x4.mul(b1, v128.load(m + k)), f32x4.mul(r1, gradient));
    const second = f32x4.add(f32x4.mul(b2, v128.load(s + k)), f32x4.mul(r2, f32x4.mul(gradient, gradient)));
    v128.store(m + k, first);
    v128.store(s + k, second);
    v128.store(g + k, f32x4.splat(0));
    const root = f32x4.add(f32x4.div(f32x4.sqrt(second), c), eps);
    v128.store(w + k, f32x4.sub(v128.load(w + k), f32x4.mul(r, f32x4.div(first, root))));
  }
}
