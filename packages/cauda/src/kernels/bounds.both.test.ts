import { expect, test } from 'vitest';
import { Random } from '../random.ts';
import { type Kernels, putPadded } from './kernels.ts';
import { withKernels } from './module.ts';
import { type BoundRecord, openRow, renewedRecord } from './reference/bounds.ts';

const random = new Random(11);

function putRecords(kernels: Kernels, records: readonly BoundRecord[], lanes: number): number {
  const words = lanes + 4;
  const pointer = kernels.zeros(records.length * words * 4);
  records.forEach(({ lower, upper, slot }, i) => {
    kernels.f32(pointer + i * words * 4, lanes + 1).set([...lower, upper]);
    kernels.i32(pointer + (i * words + lanes + 1) * 4, 1)[0] = slot;
  });
  return pointer;
}

function records(kernels: Kernels, pointer: number, n: number, lanes: number): BoundRecord[] {
  const words = lanes + 4;
  return Array.from({ length: n }, (_, i) => ({
    lower: Array.from(kernels.f32(pointer + i * words * 4, lanes)),
    upper: kernels.f32(pointer + (i * words + lanes) * 4, 1)[0]!,
    slot: kernels.i32(pointer + (i * words + lanes + 1) * 4, 1)[0]!,
  }));
}

test('openRows lists the rows whose bounds fail, and renews expiring slots', () => {
  for (const [k, lanes] of [
    [1, 4],
    [3, 4],
    [10, 12],
    [40, 16],
  ] as const) {
    const n = 300;
    const slots = 3;
    const float = (most: number) => Math.fround(random.uniform() * most);
    const given = Array.from({ length: n }, () => ({
      lower: Array.from({ length: lanes }, () => float(5) + 1),
      upper: float(3),
      slot: random.integer(slots),
    })).map((record) => ({ ...record, lower: record.lower.map(Math.fround) }));
    const labels = Int32Array.from({ length: n }, () => random.integer(k));
    const own = Float32Array.from({ length: slots * k }, () => random.uniform());
    const group = Float32Array.from({ length: slots * lanes }, () => random.uniform());
    withKernels((kernels) => {
      const pointer = putRecords(kernels, given, lanes);
      const list = kernels.alloc(n * 4);
      const at = [kernels.put(labels), k, kernels.put(own), kernels.put(group), 1, 2] as const;
      const count = kernels.run.openRows(pointer, n, lanes, ...at, list);
      const expected = given.map((record, i) =>
        openRow(
          record,
          own[record.slot * k + labels[i]!]!,
          group.subarray(record.slot * lanes, (record.slot + 1) * lanes),
          1,
          2,
        ),
      );
      const open = expected.flatMap((e, i) => (e.open ? [i] : []));
      expect(Array.from(kernels.i32(list, count))).toEqual(open);
      expect(open.length).toBeGreaterThan(0);
      expect(open.length).toBeLessThan(n);
      expect(records(kernels, pointer, n, lanes)).toEqual(expected.map(({ record }) => record));
    });
  }
});

test.each(['F32', 'F64'] as const)('renewRecords%s gives the bits of the reference', (precision) => {
  for (const [k, lanes, width] of [
    [1, 4, 4],
    [5, 8, 6],
    [37, 16, 40],
  ] as const) {
    const n = 6;
    const make = (length: number) =>
      new (precision === 'F64' ? Float64Array : Float32Array)(length).map(() => random.normal());
    const product = make(n * width);
    const half = make(k);
    const square = Float64Array.from({ length: n }, () => 4 * random.uniform());
    const error = Float64Array.from({ length: n }, (_, i) => (i === 3 ? Infinity : random.uniform() * 0.01));
    const labels = Int32Array.from({ length: n }, () => random.integer(k));
    const list = [3, 0, 5, 2];
    withKernels((kernels) => {
      const blank = Array.from({ length: n }, () => ({
        lower: new Array(lanes).fill(-1),
        upper: -1,
        slot: -1,
      }));
      const pointer = putRecords(kernels, blank, lanes);
      kernels.run[`renewRecords${precision}`](
        kernels.put(Int32Array.from(list)),
        list.length,
        putPadded(kernels, product, 1, n * width, n * width),
        width,
        putPadded(kernels, half, 1, k, k),
        k,
        kernels.put(square),
        kernels.put(error),
        1e-6,
        lanes,
        kernels.put(labels),
        7,
        pointer,
      );
      const renewed = records(kernels, pointer, n, lanes);
      expect(renewed[1]).toEqual(blank[1]);
      list.forEach((row, at) => {
        expect(renewed[row]).toEqual(
          renewedRecord(
            half,
            product.subarray(at * width, at * width + k),
            square[row]!,
            error[at]!,
            1e-6,
            lanes,
            labels[row]!,
            7,
          ),
        );
      });
    });
  }
});
