import { describe } from '../../check.ts';
import { sha256 } from '../../digest.ts';
import type { Saved } from '../../serialize.ts';

const FORMAT = 'cauda.guard';
const VERSION = 2;

/** A guard as plain data: what JSON holds, long arrays as base64 of their little-endian bytes, and a checksum over it. */
export interface SavedGuard extends Saved {
  readonly format: 'cauda.guard';
  readonly version: 2;
  /** "sha256:" and the digest of `JSON.stringify(content)` in UTF-8. */
  readonly checksum: string;
  readonly content: unknown;
}

/** Shorter arrays stay readable. */
const LONG = 16;

/** Deeper values are refused: nothing that Cauda saves is. */
const DEEPEST = 64;

/** Names by which an object could reach its prototype. */
const forbidden = ['__proto__', 'constructor', 'prototype'];

/** Plain data of models, packed and with its checksum. */
export function seal(content: unknown): SavedGuard {
  const packed = pack(JSON.parse(JSON.stringify(content)));
  return { format: FORMAT, version: VERSION, checksum: checksumOf(packed), content: packed };
}

/**
 * The content that `seal` packed, its arrays of numbers as typed arrays.
 * @param source the file's bytes or text, or what JSON.parse made of it
 * @throws TypeError or RangeError saying why it is refused: no JSON, no guard, a newer version, a wrong checksum, names
 *   that reach prototypes, arrays whose bytes are no whole number of values
 */
export function unseal(who: string, source: unknown): unknown {
  const saved = typeof source === 'string' || isBytes(source) ? parse(who, source) : source;
  const { format, version, checksum, content } = (saved ?? {}) as Partial<Record<keyof SavedGuard, unknown>>;
  if (format !== FORMAT)
    throw new TypeError(`${who}: expected a saved "${FORMAT}"; got ${describe(format ?? saved)}`);
  if (version !== VERSION)
    throw new RangeError(
      `${who}: this Cauda reads version ${VERSION} of "${FORMAT}"; got version ${describe(version)}`,
    );
  const opened = unpack(who, content, 'content', 0);
  const actual = checksumOf(content);
  if (checksum !== actual)
    throw new RangeError(
      `${who}: checksum must be ${actual}; got ${describe(checksum)}: the file was edited or damaged, save the guard again`,
    );
  return opened;
}

function isBytes(source: unknown): source is Uint8Array | ArrayBuffer {
  return source instanceof Uint8Array || source instanceof ArrayBuffer;
}

function parse(who: string, source: string | Uint8Array | ArrayBuffer): unknown {
  try {
    return JSON.parse(typeof source === 'string' ? source : new TextDecoder().decode(source));
  } catch (error) {
    throw new TypeError(
      `${who}: expected the JSON of a saved guard; the file is cut off or something else (${(error as Error).message})`,
    );
  }
}

function checksumOf(content: unknown): string {
  return `sha256:${sha256(new TextEncoder().encode(JSON.stringify(content)))}`;
}

/** Long arrays of numbers as { float32 } where that keeps their values, else { float64 }. */
function pack(value: unknown): unknown {
  if (Array.isArray(value)) {
    if (value.length < LONG || !value.every((v) => typeof v === 'number')) return value.map(pack);
    const single = Float32Array.from(value);
    return single.every((v, i) => v === value[i])
      ? { float32: toBase64(new Uint8Array(single.buffer)) }
      : { float64: toBase64(new Uint8Array(Float64Array.from(value).buffer)) };
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, pack(part)]));
}

function unpack(who: string, value: unknown, path: string, depth: number): unknown {
  if (depth > DEEPEST) throw new RangeError(`${who}: ${path} is nested more than ${DEEPEST} deep`);
  if (Array.isArray(value)) return value.map((part, i) => unpack(who, part, `${path}[${i}]`, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value);
  const bad = keys.find((key) => forbidden.includes(key));
  if (bad) throw new RangeError(`${who}: ${path} has a field "${bad}", which no guard has`);
  const fields = value as Record<string, unknown>;
  if (keys.length === 1 && (keys[0] === 'float32' || keys[0] === 'float64'))
    return fromBase64(who, fields[keys[0]], `${path}.${keys[0]}`, keys[0]);
  return Object.fromEntries(keys.map((key) => [key, unpack(who, fields[key], `${path}.${key}`, depth + 1)]));
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (
    let from = 0;
    from < bytes.length;
    from += 8192 // as many as a call takes as arguments
  )
    binary += String.fromCharCode(...bytes.subarray(from, from + 8192));
  return btoa(binary);
}

function fromBase64(
  who: string,
  text: unknown,
  path: string,
  type: 'float32' | 'float64',
): Float32Array | Float64Array {
  let binary: string;
  try {
    if (typeof text !== 'string') throw new TypeError();
    binary = atob(text);
  } catch {
    throw new TypeError(`${who}: ${path} must be base64; got ${describe(text)}`);
  }
  const size = type === 'float32' ? 4 : 8;
  if (binary.length % size !== 0)
    throw new RangeError(`${who}: ${path} must hold whole ${type} values; got ${binary.length} bytes`);
  const bytes = Uint8Array.from({ length: binary.length }, (_, i) => binary.charCodeAt(i));
  return type === 'float32' ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer);
}
