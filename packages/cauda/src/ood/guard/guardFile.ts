import { describe } from '../../check.ts';
import { sha256 } from '../../digest.ts';
import { bytesIn } from '../../numbers.ts';
import type { Saved } from '../../serialize.ts';

const FORMAT = 'cauda.guard';
const VERSION = 2;

/** A guard as plain data: what JSON holds, and a checksum over it. */
export interface SavedGuard extends Saved {
  readonly format: 'cauda.guard';
  readonly version: 2;
  /** "sha256:" and the digest of `JSON.stringify(content)` in UTF-8. */
  readonly checksum: string;
  readonly content: unknown;
}

/** Deeper values are refused: nothing that Cauda saves is. */
const DEEPEST = 64;

/** Names by which an object could reach its prototype. */
const forbidden = ['__proto__', 'constructor', 'prototype'];

/** Models as plain data, with a checksum. */
export function seal(content: unknown): SavedGuard {
  const text = JSON.stringify(content);
  return { format: FORMAT, version: VERSION, checksum: checksumOf(text), content: JSON.parse(text) };
}

/**
 * The content that `seal` sealed.
 * @param source the file's bytes or text, or what JSON.parse made of it
 * @throws TypeError or RangeError saying why it is refused: no JSON, no guard, a newer version, a wrong checksum, names
 *   that reach prototypes, arrays whose bytes are no whole number of values
 */
export function unseal(who: string, source: unknown): unknown {
  const bytes = typeof source === 'string' ? new TextEncoder().encode(source) : bytesIn(source);
  const saved = bytes ? parse(who, bytes) : source;
  const { format, version, checksum, content } = (saved ?? {}) as Partial<Record<keyof SavedGuard, unknown>>;
  if (format !== FORMAT)
    throw new TypeError(`${who}: expected a saved "${FORMAT}"; got ${describe(format ?? saved)}`);
  if (version !== VERSION)
    throw new RangeError(
      `${who}: this Cauda reads version ${VERSION} of "${FORMAT}"; got version ${describe(version)}`,
    );
  checkPlain(who, content, 'content', 0);
  if (bytes && checksum === checksumAsWritten(bytes)) return content;
  const actual = checksumOf(JSON.stringify(content));
  if (checksum !== actual)
    throw new RangeError(
      `${who}: checksum must be ${actual}; got ${describe(checksum)}: the file was edited or damaged, save the guard again`,
    );
  return content;
}

/** What comes before the checksum, and between it and the content, where JSON.stringify wrote the file. */
const before = `{"format":"${FORMAT}","version":${VERSION},"checksum":"`;
const between = '","content":';
const CHECKSUM = 'sha256:'.length + 64;

/**
 * The checksum of the content as it stands in a file that nothing has written anew since `JSON.stringify` did: at half the
 * cost of writing the content once more.
 */
function checksumAsWritten(bytes: Uint8Array): string | undefined {
  const at = before.length + CHECKSUM + between.length;
  const end = bytes.lastIndexOf('}'.charCodeAt(0));
  const ascii = (from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));
  if (ascii(0, before.length) !== before || ascii(at - between.length, at) !== between) return undefined;
  return `sha256:${sha256(bytes.subarray(at, end))}`;
}

function parse(who: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new TypeError(
      `${who}: expected the JSON of a saved guard; the file is cut off or something else (${(error as Error).message})`,
    );
  }
}

function checksumOf(text: string): string {
  return `sha256:${sha256(new TextEncoder().encode(text))}`;
}

/** @throws RangeError for what is nested too deep, or has a name that reaches a prototype */
function checkPlain(who: string, value: unknown, path: string, depth: number): void {
  if (depth > DEEPEST) throw new RangeError(`${who}: ${path} is nested more than ${DEEPEST} deep`);
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    value.forEach((part, i) => {
      checkPlain(who, part, `${path}[${i}]`, depth + 1);
    });
    return;
  }
  for (const [key, part] of Object.entries(value)) {
    if (forbidden.includes(key))
      throw new RangeError(`${who}: ${path} has a field "${key}", which no guard has`);
    checkPlain(who, part, `${path}.${key}`, depth + 1);
  }
}
