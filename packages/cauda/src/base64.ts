const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PAD = 61; // "="

/** The character code of each 6-bit value, and the value of each code, 64 where it has none. */
const codes: Uint8Array = Uint8Array.from(alphabet, (character) => character.charCodeAt(0));
const values: Uint8Array = new Uint8Array(128).fill(64);
codes.forEach((code, value) => {
  values[code] = value;
});

/** Bytes as base64 text (RFC 4648, section 4, with padding). */
export function toBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(4 * Math.ceil(bytes.length / 3));
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text[at++] = codes[word >> 18]!;
    text[at++] = codes[(word >> 12) & 63]!;
    text[at++] = left > 1 ? codes[(word >> 6) & 63]! : PAD;
    text[at++] = left > 2 ? codes[word & 63]! : PAD;
  }
  return new TextDecoder().decode(text);
}

/** @returns the bytes of base64 text, or undefined if the text is no padded base64 without line breaks */
export function fromBase64(text: string): Uint8Array | undefined {
  const { length } = text;
  if (length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((length / 4) * 3 - padding);
  const whole = length - (padding ? 4 : 0);
  let at = 0;
  let bad = 0; // collects values of 64: looking once at the end is faster than at every character
  const value = (i: number): number => values[text.charCodeAt(i)] ?? 64;
  for (let i = 0; i < whole; i += 4) {
    // written out, since files of megabytes are read before any of this is compiled
    const a = values[text.charCodeAt(i)] ?? 64;
    const b = values[text.charCodeAt(i + 1)] ?? 64;
    const c = values[text.charCodeAt(i + 2)] ?? 64;
    const d = values[text.charCodeAt(i + 3)] ?? 64;
    bad |= a | b | c | d;
    bytes[at++] = (a << 2) | (b >> 4);
    bytes[at++] = (b << 4) | (c >> 2);
    bytes[at++] = (c << 6) | d;
  }
  if (padding) {
    const [a, b, c] = [value(whole), value(whole + 1), padding === 1 ? value(whole + 2) : 0];
    bad |= a | b | c;
    bytes[at++] = (a << 2) | (b >> 4);
    if (padding === 1) bytes[at++] = (b << 4) | (c >> 2);
    const rest = padding === 1 ? c & 3 : b & 15;
    if (rest !== 0) return undefined; // bits that no byte has
  }
  return bad & 64 ? undefined : bytes;
}
