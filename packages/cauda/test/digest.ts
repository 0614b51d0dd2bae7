import { fromBase64 } from '../src/base64.ts';

/**
 * SHA-256 of the numbers in `value`, as little-endian doubles, in the order in which JSON writes them: its first 16
 * digits. A saved model's arrays count as the numbers that they hold, a vector's shape (but of covariances) and the format's
 * version not at all, so that a digest is one of results and not of how they are packed.
 */
export async function digest(value: unknown): Promise<string> {
  const numbers: number[] = [];
  const push = (values: Iterable<number>): void => {
    for (const x of values) numbers.push(x);
  };
  JSON.stringify(value, (key, v) => {
    if (ArrayBuffer.isView(v)) push(v as Float64Array);
    else if (isSavedArray(v)) {
      if (v.shape.length > 1 || key === 'covariances') push(v.shape);
      push(valuesOf(v));
    } else {
      if (typeof v === 'number') numbers.push(key === 'version' ? 1 : v);
      return v;
    }
    return null;
  });
  const hash = await crypto.subtle.digest('SHA-256', Float64Array.from(numbers));
  return Array.from(new Uint8Array(hash).subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
}

interface Saved {
  readonly shape: readonly number[];
  readonly encoding: keyof typeof types;
  readonly lower?: true;
  readonly data: string;
}

const types = { float64: Float64Array, float32: Float32Array, int32: Int32Array, uint8: Uint8Array };

const isSavedArray = (value: unknown): value is Saved =>
  typeof value === 'object' && value !== null && 'encoding' in value && 'shape' in value;

function valuesOf({ shape, encoding, lower, data }: Saved): ArrayLike<number> & Iterable<number> {
  const values = new types[encoding](fromBase64(data)!.buffer as ArrayBuffer);
  if (!lower) return values;
  const d = shape.at(-1)!;
  const triangle = (d * (d + 1)) / 2;
  return Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, at) => {
    const [matrix, i, j] = [Math.floor(at / (d * d)), Math.floor(at / d) % d, at % d];
    const [low, high] = [Math.min(i, j), Math.max(i, j)];
    return values[matrix * triangle + (high * (high + 1)) / 2 + low]!;
  });
}
