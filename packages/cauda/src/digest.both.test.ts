import { expect, test } from 'vitest';
import { sha256 } from './digest.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('the examples of FIPS 180-4 have their digests', () => {
  expect(sha256(bytes(''))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(sha256(bytes('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(sha256(bytes('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'))).toBe(
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  );
});

test("equals the platform's own for every length up to two blocks and beyond", async () => {
  for (const length of [...Array.from({ length: 131 }, (_, n) => n), 1000, 65_537]) {
    const data = Uint8Array.from({ length }, (_, i) => (i * 7 + length) % 256);
    const own = await crypto.subtle.digest('SHA-256', data);
    const expected = Array.from(new Uint8Array(own), (byte) => byte.toString(16).padStart(2, '0')).join('');
    expect(sha256(data)).toBe(expected);
  }
});

test('a view into a larger buffer is digested alone', () => {
  expect(sha256(bytes('xabcx').subarray(1, 4))).toBe(sha256(bytes('abc')));
});
