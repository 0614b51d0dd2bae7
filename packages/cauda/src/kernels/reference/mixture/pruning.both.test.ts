import { expect, test } from 'vitest';
import { Random } from '../../../random.ts';
import { Kernels, roundUp } from '../../kernels.ts';
import { kernelModule } from '../../module.ts';
import * as reference from './pruning.ts';

const counts = Array.from({ length: 34 }, (_, n) => n);

test('keepDistances and keepBounds give the reference’s bits, and 0 for what overflowed', () => {
  const kernels = new Kernels(kernelModule());
  const random = new Random(2);
  for (const n of counts) {
    const rows = random.permutation(n);
    const squares = Float64Array.from(
      { length: n },
      (_, t) => [random.uniform() * 50, Infinity, NaN, 1e300][t % 7 < 4 ? t % 4 : 0]!,
    );
    const norms = Float64Array.from({ length: n }, () => 10 * random.uniform());
    const list = kernels.put(Int32Array.from(rows));
    const square = kernels.put(squares);
    const q = kernels.zeros(n * 8);
    const bound = kernels.zeros(n * 4);
    kernels.run.keepDistances(list, n, square, q);
    kernels.run.keepBounds(list, n, square, kernels.put(norms), 0.999, 0.01, 0.002, bound);
    rows.forEach((i, t) => {
      expect(kernels.f64(q, n)[i]).toBe(squares[t]);
      expect(kernels.f32(bound, n)[i]).toBe(reference.keepBound(squares[t]!, norms[i]!, 0.999, 0.01, 0.002));
    });
  }
});

test('openPairs carries bounds, lists the pairs they leave open, and touches no row of the component', () => {
  const kernels = new Kernels(kernelModule());
  const random = new Random(3);
  const terms = { scale: 0.9, shift: 0.1, drift: 1e-4, off: 0.01, slope: 1e-3 };
  for (const n of counts) {
    const room = roundUp(n, 4);
    const labels = Int32Array.from({ length: room }, () => random.integer(3));
    const best = Float64Array.from({ length: room }, () => -random.uniform() * 20);
    const norms = Float64Array.from({ length: room }, () => random.uniform() * 9);
    const bounds = Float32Array.from({ length: room }, () => random.uniform() * 20);
    if (n > 2) bounds[1] = NaN;
    const bound = kernels.put(bounds);
    const q = kernels.put(new Float64Array(room).fill(7));
    const list = kernels.zeros(40 * 4);
    const limits = kernels.zeros(40 * 8);
    const open = kernels.run.openPairs(
      1,
      kernels.put(labels),
      n,
      kernels.put(best),
      kernels.put(norms),
      bound,
      kernels.put(Float64Array.of(0.9, 0.1, 1e-4, 0.01, 1e-3)),
      0.999,
      -3,
      -40,
      q,
      list,
      limits,
    );
    const listed: number[] = [];
    for (let i = 0; i < n; i++) {
      if (labels[i] === 1) {
        expect([kernels.f64(q, n)[i], kernels.f32(bound, n)[i]]).toEqual([7, bounds[i]]);
        continue;
      }
      const wanted = reference.openPair(bounds[i]!, norms[i]!, terms, 0.999, -3, best[i]!, -40);
      if ('limit' in wanted) {
        expect(kernels.f64(limits, 40)[listed.length]).toBe(wanted.limit);
        expect(kernels.f64(q, n)[i]).toBe(7);
        listed.push(i);
      } else expect([kernels.f64(q, n)[i], kernels.f32(bound, n)[i]]).toEqual([Infinity, wanted.carried]);
    }
    expect(Array.from(kernels.i32(list, open))).toEqual(listed);
  }
});
