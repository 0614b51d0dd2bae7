import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const source = fileURLToPath(new URL('../src', import.meta.url));

/** The rooms of the command, and the rooms that each may import from; all may take `timed.ts` and `version.ts`. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  text: [],
  terminal: [],
  data: [],
  rows: [],
  result: ['text'],
  report: ['result', 'text'],
  study: ['data', 'result', 'terminal', 'text'],
  protocols: ['data', 'text'],
  commands: ['data', 'protocols', 'report', 'result', 'rows', 'study', 'terminal', 'text'],
};

const files = (readdirSync(source, { recursive: true }) as string[])
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
const roomOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '');

/** The files of the command that a file imports, as paths from src. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(source, file), 'utf8');
  return [...text.matchAll(/^(?:import|export) [^;]*?from '(\.[^']+)';$/gm)].map(([, path]) =>
    normalize(join(dirname(file), path!)).replaceAll('\\', '/'),
  );
}

const arrows = files.flatMap((file) => importsOf(file).map((imported) => ({ file, imported })));

test('every folder is a room of the list, and no room of the list is empty', () => {
  expect([...new Set(files.map(roomOf))].filter((room) => room !== '').sort()).toEqual(
    Object.keys(rooms).sort(),
  );
});

test('a file imports only from its own room and from those that its room may use', () => {
  expect(arrows.length).toBeGreaterThan(200);
  const forbidden = arrows.filter(({ file, imported }) => {
    const [from, to] = [roomOf(file), roomOf(imported)];
    return from !== '' && to !== '' && from !== to && !rooms[from]!.includes(to);
  });
  expect(forbidden).toEqual([]);
});

test('only the command of the study imports the study', () => {
  const importers = arrows.filter(
    ({ file, imported }) => roomOf(file) !== 'study' && roomOf(imported) === 'study',
  );
  expect([...new Set(importers.map(({ file }) => file))]).toEqual(['commands/study.ts']);
});

test('rooms import no files of the root but the clock and the version', () => {
  const taken = arrows.filter(({ file, imported }) => roomOf(file) !== '' && roomOf(imported) === '');
  expect([...new Set(taken.map(({ imported }) => imported))].sort()).toEqual(['timed.ts', 'version.ts']);
});

test('the library is imported by its public name', () => {
  const outside = arrows.filter(({ imported }) => imported.startsWith('..'));
  expect(outside).toEqual([]);
});

test('no file imports itself by way of others', () => {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (path.includes(file) || done.has(file)) return;
    for (const { imported } of arrows.filter((arrow) => arrow.file === file))
      visit(imported, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});
