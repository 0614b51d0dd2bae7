/** The documents say what is so: examples run and print what they claim, links lead somewhere, named tests exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string => readFileSync(resolve(root, path), 'utf8');

const derivations = readdirSync(`${root}docs/derivations`).map((name) => `docs/derivations/${name}`);
const packages = readdirSync(`${root}packages`).map((name) => `packages/${name}/README.md`);
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'docs/guide.md',
  'docs/guarantees.md',
  'docs/guards.md',
  'docs/benchmarks.md',
  ...derivations,
  ...packages,
];

const library: Record<string, () => Promise<unknown>> = {
  cauda: () => import('../src/index.ts'),
  'cauda/nn': () => import('../src/nn/index.ts'),
  'cauda/ood': () => import('../src/ood/index.ts'),
  'cauda/io': () => import('../src/io/index.ts'),
  'cauda/models': () => import('../src/models/index.ts'),
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

describe.each(['README.md', 'docs/guide.md', 'docs/guards.md'])('the examples of %s', (document) => {
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
