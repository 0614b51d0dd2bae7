import { expect, test } from 'vitest';
import { Random } from '../../../random.ts';
import { Kernels } from '../../kernels.ts';
import { kernelModule } from '../../module.ts';

test('settleRows takes out the rows of a single component, and lists those that joined and left', () => {
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

test('takeF64 takes the listed values and returns their sum, for 0 … 33 of them', () => {
  const kernels = new Kernels(kernelModule());
  const random = new Random(4);
  for (let n = 0; n < 34; n++) {
    const values = Float64Array.from({ length: n }, () => random.normal());
    const list = random.permutation(n);
    const taken = kernels.zeros(n * 8);
    const sum = kernels.run.takeF64(kernels.put(values), kernels.put(Int32Array.from(list)), n, taken);
    expect(Array.from(kernels.f64(taken, n))).toEqual(Array.from(list, (i) => values[i]!));
    expect(sum).toBe(Array.from(list).reduce((total, i) => total + values[i]!, 0));
  }
});
