import { expect, test } from 'vitest';
import { Random } from '../../../random.ts';
import { withKernels } from '../../module.ts';
import * as reference from './optimizers.ts';

const random = new Random(3);
const normals = (length: number) => Float32Array.from({ length }, () => random.normal());

test('sgdF32 and adamF32 give the reference’s bits over several steps, and clear the gradient', () => {
  const length = 36;
  const scalars = [0.9, 0.1, 0.99, 0.01, 0.05, 0.3, 1e-8] as const;
  const start = normals(length);
  const plain = { sgd: Array.from(start), adam: Array.from(start) };
  const zeros = () => new Array<number>(length).fill(0);
  const [v, m, s] = [zeros(), zeros(), zeros()];
  withKernels((kernels) => {
    const [sgd, adam] = [kernels.put(start), kernels.put(start)];
    const [pv, pm, ps] = [kernels.zeros(length * 4), kernels.zeros(length * 4), kernels.zeros(length * 4)];
    for (let step = 0; step < 4; step++) {
      const g = normals(length);
      const [gs, ga] = [kernels.put(g), kernels.put(g)];
      kernels.run.sgdF32(sgd, gs, pv, length, 0.9, 0.1);
      kernels.run.adamF32(adam, ga, pm, ps, length, ...scalars);
      for (const used of [gs, ga]) expect(kernels.f32(used, length).every((value) => value === 0)).toBe(true);
      reference.sgd(plain.sgd, g, v, 0.9, 0.1, Math.fround);
      reference.adam(plain.adam, g, m, s, scalars, Math.fround);
    }
    expect(Array.from(kernels.f32(sgd, length))).toEqual(plain.sgd);
    expect(Array.from(kernels.f32(adam, length))).toEqual(plain.adam);
  });
});
