/** True for bytes that begin like a gzip member (RFC 1952, §2.3.1). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Decompresses `bytes`, but never beyond the size that the content itself claims: `claimedSize` is asked after every piece
 * until it can tell the whole size from the beginning, and one byte more is an error. Content that is shorter than
 * claimed is returned as it is, for the caller to report in its own words. Memory grows with what arrives, not with what
 * is claimed.
 * @param who begins every message
 * @throws RangeError if the stream is damaged or goes on after its claimed size
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
  const reader = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream(format) as TransformStream<Uint8Array, Uint8Array>)
    .getReader();
  try {
    for (;;) {
      const { done, value } = await read(who, reader);
      if (done) return content.subarray(0, filled);
      const needed = filled + value.length;
      if (size !== undefined && needed > size) throw tooLong(who, size);
      if (needed > content.length) content = grown(content, needed, size);
      content.set(value, filled);
      filled = needed;
      size ??= claimedSize(content.subarray(0, filled));
      if (size !== undefined && filled > size) throw tooLong(who, size);
    }
  } finally {
    await reader.cancel().catch(() => {}); // a stream that failed refuses to be canceled
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

/** The same content with room for `needed` bytes and some more, but not beyond the final size where it is known. */
function grown(content: Uint8Array, needed: number, size: number = Infinity): Uint8Array {
  const larger = new Uint8Array(Math.max(needed, Math.min(2 * needed, size)));
  larger.set(content);
  return larger;
}

function tooLong(who: string, size: number): RangeError {
  return new RangeError(`${who}: the header claims ${size} bytes; the compressed data holds more`);
}
