import fc from 'fast-check';

/** One change to a file's bytes. */
export type Damage =
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'set'; readonly at: number; readonly byte: number }
  | { readonly kind: 'insert'; readonly at: number; readonly byte: number };

/** A place in the file, from 0 to just below 1. (fc.double would nearly always be tiny.) */
const place = fc.integer({ min: 0, max: 2 ** 20 - 1 }).map((step) => step * 2 ** -20);
/** Half of the time near the beginning, where the header is. */
const at = fc.oneof(
  place,
  place.map((x) => x * x * x * 0.2),
);
const byte = fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.integer({ min: 0, max: 255 }));

/** One to four random changes. */
export const damages: fc.Arbitrary<Damage[]> = fc.array(
  fc.oneof(
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), at }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('flip' as const), at, bit: fc.integer({ min: 0, max: 7 }) }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('set' as const), at, byte }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('insert' as const), at, byte }) },
  ),
  { minLength: 1, maxLength: 4 },
);

/** A copy of `bytes` with all `damages` done to it, in order. */
export function damage(bytes: Uint8Array, damages: readonly Damage[]): Uint8Array {
  let result = Array.from(bytes);
  for (const change of damages) {
    const index = Math.floor(change.at * result.length);
    if (change.kind === 'cut') result = result.slice(0, index);
    else if (change.kind === 'insert') result.splice(index, 0, change.byte);
    else if (index < result.length)
      result[index] = change.kind === 'flip' ? result[index]! ^ (1 << change.bit) : change.byte;
  }
  return Uint8Array.from(result);
}

/** What `read` gives, or undefined if it refuses with a RangeError whose message begins with `who`. */
export async function readOrRefuse<T>(who: string, read: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof RangeError && error.message.startsWith(`${who}: `)) return undefined;
    throw error;
  }
}

/** `bytes` gzipped or deflated, in Node as in browsers. */
export async function compress(
  bytes: Uint8Array,
  format: 'gzip' | 'deflate-raw' = 'gzip',
): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
