import { expect, test } from 'vitest';
import { Kernels, putPadded } from './kernels.ts';
import { kernelModule, withKernels } from './module.ts';

test('memory is a stack: aligned, growing, freed by release', () => {
  const kernels = new Kernels(kernelModule());
  const mark = kernels.mark();
  const first = kernels.alloc(10);
  const second = kernels.alloc(3_000_000);
  expect(first % 64).toBe(0);
  expect(second % 64).toBe(0);
  expect(second).toBeGreaterThanOrEqual(first + 10);
  kernels.f64(second, 3).set([1, 2, 3]);
  kernels.release(mark);
  expect(kernels.alloc(10)).toBe(first);
  expect(Array.from(kernels.f64(kernels.zeros(24), 3))).toEqual([0, 0, 0]);
});

test('nothing is placed over the compiler’s tables', () => {
  const kernels = new Kernels(kernelModule());
  expect(kernels.alloc(8)).toBeGreaterThanOrEqual(kernels.run.heapBase());
});

test('more than a module can address is refused in a sentence', () => {
  const kernels = new Kernels(kernelModule());
  expect(() => kernels.alloc(5 * 2 ** 30)).toThrow(
    'kernels: 5120 MiB do not fit one thread’s memory; use more workers, float32 or fewer rows'.replace(
      '’',
      "'",
    ),
  );
  expect(kernels.alloc(8)).toBeGreaterThan(0);
});

test('putPadded fills the lanes and rows beyond the data with zeros', () => {
  withKernels((kernels) => {
    kernels.f32(kernels.alloc(4000), 1000).fill(9);
  });
  withKernels((kernels) => {
    const pointer = putPadded(kernels, Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3, 4, 3);
    expect(Array.from(kernels.f32(pointer, 12))).toEqual([1, 2, 3, 0, 4, 5, 6, 0, 0, 0, 0, 0]);
  });
});

test('withKernels frees its memory even when the body throws', () => {
  const top = withKernels((kernels) => kernels.alloc(64));
  expect(() =>
    withKernels((kernels) => {
      kernels.alloc(1000);
      throw new Error('stop');
    }),
  ).toThrow('stop');
  expect(withKernels((kernels) => kernels.alloc(64))).toBe(top);
});
