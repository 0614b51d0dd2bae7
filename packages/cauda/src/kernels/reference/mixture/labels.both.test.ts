import { expect, test } from 'vitest';
import { Random } from '../../../random.ts';
import { Kernels } from '../../kernels.ts';
import { kernelModule } from '../../module.ts';

test('groupRows lists the rows of each label in their order', () => {
  const kernels = new Kernels(kernelModule());
  const random = new Random(1);
  for (const n of Array.from({ length: 34 }, (_, rows) => rows)) {
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

test('labeledLogs gives the log-density of each row’s label, and largest the component of its largest value', () => {
  const kernels = new Kernels(kernelModule());
  const q = kernels.put(Float64Array.of(1, 2, Infinity, 0, 5, 2, 3, 0));
  const best = kernels.zeros(4 * 8);
  kernels.run.labeledLogs(
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
