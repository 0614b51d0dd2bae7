import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Matrix } from 'cauda';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { npz } from '../../test/npz.ts';
import { streamRows } from './streamRows.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cauda-stream-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const never = new AbortController().signal;

/** The logits of each batch, with where it is from. */
async function logitsOf(path: string, stdin: Readable = Readable.from([]), signal = never) {
  const seen: [string, number[][]][] = [];
  for await (const { where, input } of streamRows(path, stdin, signal))
    seen.push([where, (input.logits as Matrix).toArray()]);
  return seen;
}

test('arrays come by the thousand, as they are', async () => {
  const path = join(folder, 'a.npz');
  const data = Array.from({ length: 2002 }, (_, i) => i);
  writeFileSync(path, npz({ logits: { data, shape: [1001, 2] } }));
  const seen = await logitsOf(path);
  expect(seen.map(([where, rows]) => [where, rows.length])).toEqual([
    [path, 1000],
    [path, 1],
  ]);
  expect(seen.flatMap(([, rows]) => rows).flat()).toEqual(data);
});

test('lines may be cut anywhere, end in CRLF, be blank, and lack the last line break', async () => {
  const text = '\ufeff{"logits":[1,2],"id":"ä"}\r\n\n{"logits":[3,4]}';
  const expected = [
    ['stdin: line 1', [[1, 2]]],
    ['stdin: line 3', [[3, 4]]],
  ];
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size++) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );
    expect(await logitsOf('-', Readable.from(chunks))).toEqual(expected);
  }
  const path = join(folder, 'rows.ndjson');
  writeFileSync(path, text);
  expect(await logitsOf(path)).toEqual(
    expected.map(([where, row]) => [`${where}`.replace('stdin', path), row]),
  );
  expect(await logitsOf('-')).toEqual([]);
});

test('a row has whatever the guard reads', async () => {
  const line = '{"layers":[[1,2],[3]],"logits":[4],"features":[5,6],"inputs":[7]}\n';
  for await (const { input } of streamRows('-', Readable.from([Buffer.from(line)]), never))
    expect(input).toMatchObject({
      layers: [{ shape: [1, 2] }, { shape: [1, 1] }],
      logits: { shape: [1, 1] },
      features: { shape: [1, 2] },
      inputs: { shape: [1, 1] },
    });
  expect.assertions(1);
});

test.each([
  ['{"logits":[1,', 'expected a row as JSON (Unexpected end of JSON input)'],
  ['[1,2]', 'expected an object such as {"layers": [[…], […]], "logits": […]}'],
  ['null', 'expected an object such as'],
  ['{"logits":[1,"2"]}', 'logits must be an array of finite numbers'],
  ['{"logits":[1,1e999]}', 'logits must be an array of finite numbers'],
  ['{"logits":null}', 'logits must be an array of finite numbers'],
  ['{"layers":[1,2]}', 'layers[0] must be an array of finite numbers'],
  ['{"layers":{"0":[1]}}', 'layers must be an array of one array of numbers a layer'],
])('%s is refused with its line, after the rows before it', async (line, message) => {
  const stdin = Readable.from([Buffer.from(`{"logits":[1]}\n${line}\n{"logits":[1]}\n`)]);
  const rows = streamRows('-', stdin, never);
  expect((await rows.next()).value).toMatchObject({ where: 'stdin: line 1' });
  await expect(rows.next()).rejects.toThrow(`stdin: line 2: ${message}`);
  expect(stdin.destroyed).toBe(true);
});

test('a line without an end is refused before it fills the memory', async () => {
  let sent = 0;
  const endless = Readable.from(
    (function* () {
      for (const chunk = Buffer.alloc(1 << 20, '1'); ; sent++) yield chunk;
    })(),
  );
  await expect(logitsOf('-', endless)).rejects.toThrow('stdin: a line has more than 16777216 characters');
  expect(sent).toBeLessThan(40);
});

test('a stream that sends nothing can be aborted', async () => {
  const stdin = new Readable({ read() {} });
  const control = new AbortController();
  const waiting = logitsOf('-', stdin, control.signal);
  control.abort();
  await expect(waiting).rejects.toThrow('aborted');
  expect(stdin.destroyed).toBe(true);
});
