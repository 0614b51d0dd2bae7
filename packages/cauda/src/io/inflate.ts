/** Deflate cannot make more than 1032 bytes of one (a length of 258 costs two bits). */
const maxRatio = 1032;

/** True for bytes that begin like a gzip member (RFC 1952, §2.3.1). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Unpacks `bytes`, never holding more than the content itself claims to be: `claimedSize` is asked after every piece
 * until it can tell the whole size from the beginning, and whatever goes beyond that size is an error. What is
 * shorter than claimed is returned as it is, for the caller to complain about in its own words.
 * @param who begins every message
 * @throws RangeError if the stream is damaged, goes on after its claimed size or could not possibly reach it
 */
export async function inflate(
  who: string,
  bytes: Uint8Array,
  format: 'gzip' | 'deflate-raw',
  claimedSize: (head: Uint8Array) => number | undefined,
): Promise<Uint8Array> {
  let content: Uint8Array = new Uint8Array(0);
  let filled = 0;
  let size: number | undefined;
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream(format) as TransformStream<Uint8Array, Uint8Array>);
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await read(who, reader);
      if (done) return content.subarray(0, filled);
      if (size === undefined) {
        content = joined(content.subarray(0, filled), value);
        filled = content.length;
        size = claimedSize(content);
        if (size === undefined) continue;
        if (size > bytes.length * maxRatio)
          throw new RangeError(
            `${who}: the header claims ${size} bytes, more than ${bytes.length} compressed bytes can hold`,
          );
        if (filled <= size) content = joined(content, new Uint8Array(size - filled));
      } else if (filled + value.length <= size) {
        content.set(value, filled);
        filled += value.length;
      } else filled = Infinity;
      if (filled > size)
        throw new RangeError(`${who}: the header claims ${size} bytes; the compressed data holds more`);
    }
  } finally {
    await reader.cancel().catch(() => {}); // a stream that failed refuses to be cancelled
  }
}

async function read(
  who: string,
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  try {
    return await reader.read();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RangeError(`${who}: the compressed data is damaged or cut short (${reason})`);
  }
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}
