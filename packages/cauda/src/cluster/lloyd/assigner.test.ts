import { expect, test } from 'vitest';
import { Kernels } from '../../kernels/kernels.ts';
import { kernelModule } from '../../kernels/module.ts';
import { Assigner } from './assigner.ts';
import { kernelCenters, type Layout } from './layout.ts';
import { SparseForm } from './sparseForm.ts';

test('a seeding distance does not depend on the other rows that its thread has seen', () => {
  // the gaps pass the limits that γ of one entry and γ of 64 set to the distances that are taken again by differences
  const layout: Layout = { precision: 'F32', d: 64, width: 64, stride: 64, masked: false };
  const row = new Float32Array(64);
  row[5] = 0.7;
  const distance = (gap: number, before: readonly Float32Array[]): number => {
    const kernels = new Kernels(kernelModule());
    const form = new SparseForm(kernels, layout, 1, new Float32Array(64), true);
    const assigner = new Assigner(kernels, layout, form, 1);
    for (const other of before) form.load(other, 1);
    const rows = form.load(row, 1);
    const center = row.slice();
    center[5]! += gap;
    assigner.put(kernelCenters(center, layout));
    return assigner.quickDistances(rows, 0, 1)[0]!;
  };
  const full = new Float32Array(64).fill(1);
  for (let gap = 0.005; gap < 0.1; gap *= 1.05) expect(distance(gap, [full])).toBe(distance(gap, []));
});
