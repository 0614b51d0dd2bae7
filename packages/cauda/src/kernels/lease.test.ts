import { expect, test } from 'vitest';
import { giveBack, leaseKernels } from './lease.ts';
import { kernelModule } from './module.ts';

test('kernels that were given back are leased again, with zeros in their memory and an empty stack', () => {
  const first = leaseKernels(kernelModule());
  const empty = first.mark();
  const pointer = first.put(Float64Array.of(1, 2, 3));
  first.release(pointer); // freed, and still to be cleared
  giveBack(first);
  const again = leaseKernels(kernelModule());
  expect(again).toBe(first);
  expect(again.mark()).toBe(empty);
  expect([...again.f64(again.alloc(24), 3)]).toEqual([0, 0, 0]);
  giveBack(again);
});

test('two leases at the same time have two memories', () => {
  const [one, other] = [leaseKernels(kernelModule()), leaseKernels(kernelModule())];
  expect(one).not.toBe(other);
  giveBack(one);
  giveBack(other);
});

test('a large memory is not kept', () => {
  const large = leaseKernels(kernelModule());
  large.alloc(65 * 2 ** 20);
  giveBack(large);
  expect(leaseKernels(kernelModule())).not.toBe(large);
});
