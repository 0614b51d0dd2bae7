import { describe, expect, test } from 'vitest';
import type { FloatArray } from '../../../matrix.ts';
import { Random } from '../../../random.ts';
import { bytesOf, type Kernels, type Precision, roundUp } from '../../kernels.ts';
import { withKernels } from '../../module.ts';
import { arithmetics } from '../arithmetic.ts';
import { boundsOf, isOpen, nearest } from './bounds.ts';

const random = new Random(1);
const WIDEN = 2 ** -20;
const counts = [...Array.from({ length: 34 }, (_, k) => k), 63, 64, 65].slice(1);

/** n rows evaluated against k centers, half of the slacks large enough for doubts. */
function evaluated(kernels: Kernels, precision: Precision, n: number, k: number) {
  const size = bytesOf(precision);
  const width = roundUp(k, 16 / size);
  const lanes = roundUp(Math.min(k, 16), 4);
  const make = (length: number): FloatArray =>
    new (precision === 'F64' ? Float64Array : Float32Array)(length).map(() => random.normal());
  const products = make(n * k);
  products.subarray(0, k).fill(0.5);
  const half = make(k);
  if (k > 1) half[0] = half[k - 1] = -9; // the first row's nearest centers tie
  const slack = Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? random.uniform() * 0.3 : 1e-9));
  const square = Float64Array.from({ length: n }, () => 40 + 10 * random.uniform());
  const halves = kernels.alloc(width * size);
  kernels.floats(precision, halves, width).fill(Infinity).set(half);
  const product = kernels.zeros(n * width * size);
  for (let i = 0; i < n; i++)
    kernels.floats(precision, product, n * width).set(products.subarray(i * k, (i + 1) * k), i * width);
  const list = kernels.put(Int32Array.from({ length: n }, (_, i) => n - 1 - i)); // rows in reverse
  const head = kernels.alloc(n * 16);
  const record = kernels.alloc(n * (lanes + 1) * 4);
  const room = kernels.alloc(2 * 16 * size);
  const label = kernels.alloc(n * 4);
  const doubtful = kernels.alloc(n * 4);
  const run = (now: number, kept: boolean): number =>
    kernels.run[`nearest${precision}`](
      product,
      n,
      width,
      halves,
      list,
      kernels.put(slack),
      kernels.put(square),
      WIDEN,
      lanes,
      now,
      kept ? head : 0,
      record,
      room,
      label,
      doubtful,
    );
  const expected = slack.length
    ? Array.from({ length: n }, (_, i) => {
        const found = nearest(arithmetics[precision], products.subarray(i * k, (i + 1) * k), half, slack[i]!);
        return {
          ...found,
          bounds: boundsOf(found.scores, found.label, square[n - 1 - i]!, slack[i]!, WIDEN, lanes),
        };
      })
    : [];
  return { run, expected, lanes, head, record, label, doubtful };
}

describe.each(['F32', 'F64'] as const)('%s: nearest centers and their bounds', (precision) => {
  test('nearest finds the least score, the rows in doubt and the bounds of the others', () => {
    for (const k of counts) {
      const n = 12;
      withKernels((kernels) => {
        const { run, expected, lanes, head, record, label, doubtful } = evaluated(kernels, precision, n, k);
        for (const kept of [false, true]) {
          const count = run(5, kept);
          const doubts = expected.flatMap((e, i) => (e.doubtful ? [i] : []));
          expect(Array.from(kernels.i32(doubtful, count))).toEqual(doubts);
          if (k > 1) expect(doubts).toContain(0);
          const labels = kernels.i32(label, n);
          expected.forEach((e, i) => {
            if (!e.doubtful) expect(labels[i]).toBe(e.label);
          });
        }
        expected.forEach(({ bounds, doubtful: doubt }, i) => {
          const row = n - 1 - i;
          const numbers = kernels.f32(head + row * 16, 2);
          const slots = kernels.i32(head + row * 16 + 8, 2);
          const kept = kernels.f32(record + row * (lanes + 1) * 4, lanes + 1);
          expect(Array.from(slots)).toEqual([5, 5]);
          expect(kept[lanes]).toBe(doubt ? Infinity : bounds.upper);
          if (!doubt) expect(Array.from(kept.subarray(0, lanes))).toEqual(bounds.lower);
          expect(Array.from(numbers)).toEqual([kept[lanes], Math.min(...kept.subarray(0, lanes))]);
        });
      });
    }
  });

  test('openRows opens the rows whose record no longer decides, however old their heads are', () => {
    for (const k of counts) {
      const n = 12;
      const slots = 3;
      withKernels((kernels) => {
        const { run, expected, lanes, head, record, label } = evaluated(kernels, precision, n, k);
        run(0, true);
        const labels = kernels.put(
          Int32Array.from({ length: n }, (_, row) => kernels.i32(label, n)[n - 1 - row]!),
        );
        const own = kernels.zeros(slots * k * 4);
        const group = kernels.zeros(slots * lanes * 4);
        const most = kernels.zeros(slots * 4);
        const list = kernels.alloc(n * 4);
        const shift = new Float32Array(k);
        for (let now = 1; now < slots; now++) {
          for (let j = 0; j < k; j++)
            shift[j]! += now === 1 ? 0.1 * random.uniform() : 0.5 * random.uniform();
          // since the slots before, everything has moved by the same: heads renewed in between lose nothing
          for (let slot = 0; slot < now; slot++) {
            kernels.f32(own, slots * k).set(shift, slot * k);
            const groups = Float32Array.from({ length: lanes }, (_, g) =>
              Math.max(0, ...shift.filter((_, j) => j % lanes === g)),
            );
            kernels.f32(group, slots * lanes).set(groups, slot * lanes);
            kernels.f32(most, slots)[slot] = Math.max(...shift);
          }
          const count = kernels.run.openRows(
            head,
            record,
            n,
            lanes,
            labels,
            k,
            own,
            group,
            most,
            2,
            now,
            list,
          );
          const opened = new Set(kernels.i32(list, count));
          const groups = Array.from(kernels.f32(group, lanes));
          expected.forEach(({ bounds, doubtful, label: center }, i) => {
            const open = doubtful || isOpen(bounds, { own: shift[center]!, groups });
            expect(opened.has(n - 1 - i), `k ${k} row ${n - 1 - i} at ${now}`).toBe(open);
          });
        }
      });
    }
  });

  test('what expires is carried to the new slot: its bounds are those of the old one less what has moved since', () => {
    const n = 12;
    const k = 6;
    withKernels((kernels) => {
      const { run, expected, lanes, head, record, label } = evaluated(kernels, precision, n, k);
      run(0, true);
      const labels = kernels.put(
        Int32Array.from({ length: n }, (_, row) => kernels.i32(label, n)[n - 1 - row]!),
      );
      const moved = 0.01;
      const own = kernels.put(new Float32Array(2 * k).fill(moved));
      const group = kernels.put(new Float32Array(2 * lanes).fill(moved));
      const most = kernels.put(new Float32Array(2).fill(moved));
      const list = kernels.alloc(n * 4);
      const count = kernels.run.openRows(head, record, n, lanes, labels, k, own, group, most, 0, 1, list);
      const opened = new Set(kernels.i32(list, count));
      expect(opened.size).toBeLessThan(n);
      expected.forEach(({ bounds }, i) => {
        const row = n - 1 - i;
        if (opened.has(row)) return;
        const [digest, slot] = kernels.i32(head + row * 16 + 8, 2);
        expect([digest, slot]).toEqual([1, 1]);
        const kept = kernels.f32(record + row * (lanes + 1) * 4, lanes + 1);
        const [near, far] = kernels.f32(head + row * 16, 2);
        bounds.lower.forEach((bound, g) => {
          expect(kept[g]).toBeLessThanOrEqual(bound - moved);
          expect(kept[g]).toBeGreaterThan(bound - moved - 1e-5 * Math.abs(bound));
          expect(far).toBeLessThanOrEqual(kept[g]!);
        });
        expect(kept[lanes]).toBeGreaterThanOrEqual(bounds.upper + moved);
        expect(near).toBeGreaterThanOrEqual(bounds.upper + moved);
        expect(near).toBeLessThan(far!);
      });
    });
  });
});

test('slacks grow with the square of a row’s norm and the reach, and are infinite where products may overflow', () => {
  withKernels((kernels) => {
    const out = kernels.alloc(3 * 8);
    const norms = kernels.put(Float64Array.of(0, 1, 7, 50));
    kernels.run.slacks(kernels.put(Int32Array.of(2, 0, 3)), 3, norms, 3, 0.5, 0.25, 53, out);
    expect(Array.from(kernels.f64(out, 3))).toEqual([0.5 * 100 + 0.25, 0.5 * 9 + 0.25, Infinity]);
  });
});
