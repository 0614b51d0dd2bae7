import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { kernelModule } from '../src/kernels/module.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The files of a folder whose names end like this. */
function filesOf(folder: string, end: string): [path: string, text: string][] {
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return paths
    .filter((path) => path.endsWith(end))
    .map((path) => [path, readFileSync(join(root, folder, path), 'utf8')]);
}

// the formatter does not know AssemblyScript's decorators
test('no line of assembly/ is longer than 110 columns, and none ends in a space', () => {
  const files = filesOf('assembly', '.ts');
  expect(files.length).toBeGreaterThan(15);
  const long = files.flatMap(([path, text]) =>
    text
      .split('\n')
      .flatMap((line, i) => (line.length > 110 || line.endsWith(' ') ? [`${path}:${i + 1}`] : [])),
  );
  expect(long).toEqual([]);
});

test('every kernel is run by a test of src/kernels', () => {
  const tests = filesOf('src/kernels', '.test.ts')
    .map(([, text]) => text)
    .join('\n');
  const names = WebAssembly.Module.exports(kernelModule())
    .filter(({ kind, name }) => kind === 'function' && name !== 'heapBase')
    .map(({ name }) => name);
  expect(names.length).toBeGreaterThan(50);
  const untested = names.filter((name) => {
    const inEither = `run[\`${name.replace(/F(32|64)$/, '$')}{precision}\`]`;
    return !new RegExp(`run\\.${name}\\b`).test(tests) && !tests.includes(inEither);
  });
  expect(untested).toEqual([]);
});
