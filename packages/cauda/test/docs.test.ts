/** The documents say what is so: examples run and print what they claim, links lead somewhere, named tests exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string => readFileSync(resolve(root, path), 'utf8');

const markdown = (folder: string): string[] =>
  (readdirSync(root + folder, { recursive: true }) as string[])
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.md'));

const derivations = markdown('docs/derivations');
const documents = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...markdown('docs'),
  ...readdirSync(`${root}packages`).map((name) => `packages/${name}/README.md`),
];
const withExamples = documents.filter((path) => /^```(ts|js|typescript|javascript)\b/m.test(read(path)));

const library: Record<string, () => Promise<unknown>> = {
  cauda: () => import('../src/index.ts'),
  'cauda/nn': () => import('../src/nn/index.ts'),
  'cauda/ood': () => import('../src/ood/index.ts'),
  'cauda/io': () => import('../src/io/index.ts'),
  'cauda/models': () => import('../src/models/index.ts'),
  'cauda/node': () => import('../src/node/index.ts'),
};

/** What the `runnable` block prints, line by line. */
async function run(source: string): Promise<string[]> {
  const { code } = await transform(source, { loader: 'ts', format: 'esm', target: 'es2022' });
  const body = code.replace(
    /^import \{([^}]*)\} from "([^"]*)";$/gm,
    (_, names: string, from: string) =>
      `const {${names.replaceAll(' as ', ': ')}} = await load(${JSON.stringify(from)});`,
  );
  const printed: string[] = [];
  const log = (...values: unknown[]) => void printed.push(values.map(String).join(' '));
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  await new AsyncFunction('load', 'console', body)((from: string) => library[from]!(), { log });
  return printed;
}

describe.each(withExamples)('the examples of %s', (document) => {
  const text = read(document);
  const blocks = [...text.matchAll(/^```ts runnable\n([\s\S]*?)^```$/gm)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    source: match[1]!,
  }));

  it('are all of its TypeScript', () => {
    expect(blocks.length).toBeGreaterThan(0);
    expect(blocks.length).toBe([...text.matchAll(/^```(ts|js|typescript|javascript)\b/gm)].length);
  });

  it.each(blocks)('run and print what they say (line $line)', async ({ source }) => {
    const claimed = [...source.matchAll(/\/\/ → ?(.*)$/gm)].map((match) => match[1]);
    expect(claimed.length).toBeGreaterThan(0);
    expect(await run(source)).toEqual(claimed);
  });
});

/** The anchors that GitHub gives to a document's headings. */
function anchors(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe.each(documents)('%s', (document) => {
  const text = read(document).replace(/^```[\s\S]*?^```$/gm, '');

  it('links only to what is there', () => {
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target!)) continue;
      const [path, anchor] = target!.split('#') as [string, string?];
      const file = path ? resolve(root, dirname(document), path) : resolve(root, document);
      expect(existsSync(file), `${document} → ${target}`).toBe(true);
      if (anchor) expect(anchors(readFileSync(file, 'utf8')), `${document} → ${target}`).toContain(anchor);
    }
  });

  it('names only commands that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const [, script] of read(document).matchAll(/npm run ([\w:-]+)/g))
      expect(Object.keys(scripts), document).toContain(script);
  });
});

it.each(Object.keys(library))('README.md or docs/ name every public function of %s', async (path) => {
  const pages = ['README.md', ...markdown('docs')].map(read).join('\n');
  const functions = Object.entries((await library[path]!()) as object)
    .filter(([name, value]) => typeof value === 'function' && /^[a-z]/.test(name))
    .map(([name]) => name);
  expect(functions.filter((name) => !new RegExp(`\\b${name}\\b`).test(pages))).toEqual([]);
});

/** The anchors that a document's list of contents, before its first chapter, leads to. */
const contents = (document: string): string[] =>
  [
    ...read(document)
      .split(/^## /m)[0]!
      .matchAll(/^- \[.*\]\(#(.*)\)$/gm),
  ].map(([, anchor]) => anchor!);

describe('a list of contents', () => {
  const withContents = documents.filter((document) => contents(document).length > 0);

  it('opens the guide', () => {
    expect(withContents).toContain('docs/guide.md');
  });

  it.each(withContents)('names each chapter of %s, in their order', (document) => {
    const chapters = [
      ...read(document)
        .replace(/^```[\s\S]*?^```$/gm, '')
        .matchAll(/^## .*$/gm),
    ];
    expect(contents(document)).toEqual(chapters.flatMap(([heading]) => anchors(heading)));
  });
});

describe('the derivations', () => {
  it.each(derivations.filter((path) => !path.endsWith('README.md')))(
    '%s names only tests that exist',
    (document) => {
      const text = read(document);
      const path = /`(packages\/cauda\/test\/derivations\.[\w.-]+\.test\.ts)`/.exec(text)?.[1];
      const titles = [...text.matchAll(/^> (?:- |Test: )\*(.+?)\*(?=\s*$)/gm)].map((match) => match[1]!);
      expect(titles.length).toBeGreaterThan(8);
      const tests = [...read(path!).matchAll(/\bit\((['"])(.*?)\1, /g)].map((match) => match[2]!);
      for (const title of titles) expect(tests).toContain(title);
      // and each test is named: a formula that the text lost would leave its test behind
      for (const test of tests) expect(titles).toContain(test);
    },
  );
});
