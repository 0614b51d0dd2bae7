import { expect, test } from 'vitest';
import { Random } from '../../../random.ts';
import { putPadded, roundUp } from '../../kernels.ts';
import { withKernels } from '../../module.ts';
import { packedDot, packedWord } from './packed.ts';
import { entriesOf } from './sparse.ts';

test('packed entries name their columns and are off by no more than their bits allow; their products are the reference’s', () => {
  const random = new Random(3);
  const tiny = 2 ** -149;
  for (const d of [1, 2, 3, 4, 33, 300, 4096])
    for (const scale of [1, 1e30, 1e-30, 3 * tiny]) {
      const bits = Math.max(1, 32 - Math.clz32(d - 1));
      const stride = roundUp(d, 4);
      const n = 3;
      const k = 13; // a group of four vectors, and one of three
      const width = roundUp(k, 4);
      const x = Float32Array.from({ length: n * d }, (_, i) => (i % 3 === 0 ? 0 : scale * random.normal()));
      const c = Float32Array.from({ length: k * d }, () => random.normal());
      withKernels((kernels) => {
        const { run } = kernels;
        const px = putPadded(kernels, x, n, d, stride);
        const origin = kernels.zeros(stride * 4);
        const start = kernels.zeros((n + 1) * 4);
        const entry = kernels.alloc(n * d * 8);
        const packed = kernels.alloc(n * d * 4);
        const count = run.entriesF32(px, n, stride, origin, 0, start, entry);
        run.packEntries(count, entry, origin, bits, packed);
        const expected = Array.from({ length: n }, (_, i) =>
          entriesOf(x.subarray(i * d, (i + 1) * d), new Float32Array(d)),
        );
        const words = expected.flatMap((entries) =>
          entries.map(({ column, value }) => packedWord(value, column, bits)),
        );
        expect(Array.from(kernels.i32(packed, count), (word) => word >>> 0)).toEqual(words);
        expected.flat().forEach(({ column, value }, e) => {
          expect(kernels.i32(packed, count)[e]! & (2 ** bits - 1)).toBe(column);
          const off = Math.abs(kernels.f32(packed, count)[e]! - value);
          expect(off).toBeLessThanOrEqual(Math.max(2 ** (bits - 24) * Math.abs(value), 2 ** bits * tiny));
        });

        const columns = kernels.zeros(d * width * 4);
        const view = kernels.f32(columns, d * width);
        for (let j = 0; j < d; j++) for (let l = 0; l < k; l++) view[j * width + l] = c[l * d + j]!;
        const out = kernels.alloc(2 * width * 4);
        run.packedDots(kernels.put(Int32Array.of(2, 0)), 2, start, packed, bits, columns, width, out);
        [2, 0].forEach((i, at) => {
          for (let l = 0; l < k; l++)
            expect(kernels.f32(out, 2 * width)[at * width + l]).toBe(
              packedDot(expected[i]!, c.subarray(l * d, (l + 1) * d), bits),
            );
        });
      });
    }
});
