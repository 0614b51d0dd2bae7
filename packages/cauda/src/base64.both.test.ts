import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64, toBase64 } from './base64.ts';

test('the examples of RFC 4648, section 10', () => {
  const examples = {
    '': '',
    f: 'Zg==',
    fo: 'Zm8=',
    foo: 'Zm9v',
    foob: 'Zm9vYg==',
    fooba: 'Zm9vYmE=',
    foobar: 'Zm9vYmFy',
  };
  for (const [plain, text] of Object.entries(examples)) {
    const bytes = new TextEncoder().encode(plain);
    expect(toBase64(bytes)).toBe(text);
    expect(fromBase64(text)).toEqual(bytes);
  }
});

test('any bytes come back, and the text is that of btoa', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = toBase64(bytes);
      expect(text).toBe(btoa(String.fromCharCode(...bytes)));
      expect(fromBase64(text)).toEqual(bytes);
    }),
  );
});

test('what is no base64 is refused', () => {
  for (const text of [
    'Zg',
    'Zg=',
    'Z===',
    '====',
    'Zm9v\n',
    'Zm 9',
    'Zm9-',
    'Zm9vé===',
    'Z=9v',
    'Zh==',
    'Zm9=',
    'Zm€v',
  ])
    expect(fromBase64(text), text).toBeUndefined();
});

test('every other character than the 64 is refused, wherever it stands', () => {
  for (let code = 0; code < 300; code++) {
    const character = String.fromCharCode(code);
    if (/[A-Za-z0-9+/]/.test(character)) continue;
    for (let at = 0; at < 8; at++) {
      if (character === '=' && at === 7) continue; // padding
      const text = `${'AAAAAAAA'.slice(0, at)}${character}${'AAAAAAAA'.slice(at + 1)}`;
      if (fromBase64(text) !== undefined) expect.fail(`"${text}" was read`);
    }
  }
});
