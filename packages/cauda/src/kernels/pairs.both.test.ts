import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { Kernels, putPadded, roundUp } from './kernels.ts';
import { kernelModule } from './module.ts';
import * as reference from './reference/pairs.ts';

const counts = Array.from({ length: 34 }, (_, n) => n);

describe('the kernels of pairs', () => {
  it('groupRows lists the rows of each label in their order', () => {
    const kernels = new Kernels(kernelModule());
    const random = new Random(1);
    for (const n of counts) {
      const labels = Int32Array.from({ length: n }, () => random.integer(3));
      const list = kernels.zeros(3 * 40 * 4);
      const count = kernels.put(Int32Array.of(9, 9, 9));
      kernels.run.groupRows(kernels.put(labels), n, 3, list, 40, count);
      for (let c = 0; c < 3; c++) {
        const rows = Array.from(labels.keys()).filter((i) => labels[i] === c);
        expect(kernels.i32(count, 3)[c]).toBe(rows.length);
        expect(Array.from(kernels.i32(list + c * 160, rows.length))).toEqual(rows);
      }
    }
  });

  it('keepDistances and keepBounds give the reference’s bits, and 0 for what overflowed', () => {
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
        expect(kernels.f32(bound, n)[i]).toBe(
          reference.keepBound(squares[t]!, norms[i]!, 0.999, 0.01, 0.002),
        );
      });
    }
  });

  it('openPairs carries bounds, lists the pairs they leave open, and touches no row of the component', () => {
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

  it('labelledLogs and largest read the columns of each row', () => {
    const kernels = new Kernels(kernelModule());
    const q = kernels.put(Float64Array.of(1, 2, Infinity, 0, 5, 2, 3, 0));
    const best = kernels.zeros(4 * 8);
    kernels.run.labelledLogs(
      kernels.put(Int32Array.of(0, 1, 0, 1)),
      4,
      q,
      4,
      kernels.put(Float64Array.of(-1, -2)),
      best,
    );
    expect(Array.from(kernels.f64(best, 4))).toEqual([-1.5, -3, -1e300, -2]);
    const label = kernels.zeros(4 * 4);
    kernels.run.largest(q, 4, 4, 2, label);
    expect(Array.from(kernels.i32(label, 4))).toEqual([1, 0, 0, 0]);
  });

  it('settleRows takes rows of one component out, and says who came and went', () => {
    const kernels = new Kernels(kernelModule());
    // rows: stays in 0, comes to 1, leaves 0, shared and always was, moves from 1 to 0
    const r = kernels.put(Float64Array.of(1, 0, 0.5, 0.5, 1, 0, 1, 0.5, 0.5, 0));
    const home = kernels.put(Int32Array.of(0, -1, 0, -1, 1));
    const label = kernels.put(Int32Array.of(0, 1, 0, 0, 0));
    const [join, joined, leave, left] = [40, 8, 40, 8].map((bytes) => kernels.zeros(bytes)) as [
      number,
      number,
      number,
      number,
    ];
    kernels.run.settleRows(r, 5, 5, 2, label, home, join, joined, leave, left);
    expect(Array.from(kernels.i32(home, 5))).toEqual([0, 1, -1, -1, 0]);
    expect(Array.from(kernels.f64(r, 10))).toEqual([0, 0, 0.5, 0.5, 0, 0, 0, 0.5, 0.5, 0]);
    expect(Array.from(kernels.i32(joined, 2))).toEqual([1, 1]);
    expect(Array.from(kernels.i32(left, 2))).toEqual([1, 1]);
    expect([kernels.i32(join, 10)[0], kernels.i32(join, 10)[5]]).toEqual([4, 1]);
    expect([kernels.i32(leave, 10)[0], kernels.i32(leave, 10)[5]]).toEqual([2, 4]);
  });

  it('takeF64, addUpper and shiftUpper, for 1 … 33 dimensions', () => {
    const kernels = new Kernels(kernelModule());
    const random = new Random(4);
    const numbers = (length: number) => Float64Array.from({ length }, () => random.normal());
    for (const d of counts.slice(1)) {
      const wide = roundUp(d, 4);
      const matrix = numbers(d * wide);
      const start = numbers((d * (d + 1)) / 2);
      const s = numbers(d);
      const delta = numbers(d);
      const out = kernels.put(start);
      kernels.run.addUpper(kernels.put(matrix), wide, d, out);
      const wanted: number[] = [];
      for (let i = 0; i < d; i++)
        for (let j = i; j < d; j++) wanted.push(start[wanted.length]! + matrix[i * wide + j]!);
      expect(Array.from(kernels.f64(out, start.length))).toEqual(wanted);
      kernels.run.shiftUpper(kernels.put(s), kernels.put(delta), 3, d, out);
      let at = 0;
      for (let i = 0; i < d; i++)
        for (let j = i; j < d; j++) wanted[at++]! -= (s[i]! - 3 * delta[i]!) * delta[j]! + delta[i]! * s[j]!;
      expect(Array.from(kernels.f64(out, start.length))).toEqual(wanted);

      const rows = random.permutation(d);
      const taken = kernels.zeros(d * 8);
      const sum = kernels.run.takeF64(kernels.put(s), kernels.put(Int32Array.from(rows)), d, taken);
      expect(Array.from(kernels.f64(taken, d))).toEqual(Array.from(rows, (i) => s[i]!));
      expect(sum).toBe(Array.from(rows).reduce((total, i) => total + s[i]!, 0));
    }
  });

  it('driftNorm is a Schatten norm of M L Lᵀ Mᵀ − I, above its spectral one, and reads nothing above the diagonals', () => {
    const kernels = new Kernels(kernelModule());
    const random = new Random(5);
    for (const d of counts.slice(1)) {
      const stride = roundUp(d, 4);
      const lower = (noise: number) =>
        Float64Array.from({ length: d * d }, (_, at) => {
          const [i, j] = [Math.floor(at / d), at % d];
          return j > i ? noise : (i === j ? 1 : 0) + 0.1 * random.normal();
        });
      const M = lower(0);
      const L = lower(NaN);
      const scratch = [kernels.alloc(d * stride * 8), kernels.alloc(d * stride * 8)] as const;
      const norm = kernels.run.driftNorm(
        putPadded(kernels, M, d, d, stride),
        putPadded(kernels, L, d, d, stride),
        d,
        stride,
        ...scratch,
      );
      const wanted = reference.driftNorm(M, L, d);
      expect(norm / wanted.norm).toBeCloseTo(1, 12);
      let v = Float64Array.from({ length: d }, () => random.normal());
      let size = 0;
      for (let step = 0; step < 30; step++) {
        const w = Float64Array.from(wanted.G, (row) => row.reduce((sum, g, j) => sum + g * v[j]!, 0));
        const length = Math.hypot(...v);
        size = Math.hypot(...w) / length;
        v = w.map((value) => value / size);
      }
      expect(norm).toBeGreaterThanOrEqual(size * (1 - 1e-12));
    }
  });
});
