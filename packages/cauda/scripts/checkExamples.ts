/**
 * Checks the types of the documents' runnable examples as a user's compiler would, against the built declarations: part
 * of `npm run check`. That they run and print what they say is a test's business.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = join(root, 'node_modules', '.cache', 'examples'); // where `cauda` is found as in a user's project
const documents = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
let count = 0;
for (const document of documents.filter((name) => name.endsWith('.md'))) {
  const text = readFileSync(join(root, document), 'utf8');
  for (const { 1: source, index } of text.matchAll(/^```ts runnable\n([\s\S]*?)^```$/gm)) {
    const line = text.slice(0, index).split('\n').length;
    writeFileSync(join(folder, `${document.replaceAll('/', '.')}.${line}.ts`), `${source}export {};\n`);
    count++;
  }
}
const compilerOptions = {
  strict: true,
  target: 'ES2022',
  module: 'NodeNext',
  lib: ['ES2023', 'DOM'],
  types: ['node'],
  noEmit: true,
  skipLibCheck: false,
};
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
const tsc = join(dirname(fileURLToPath(import.meta.resolve('typescript/package.json'))), 'bin', 'tsc');
execFileSync(process.execPath, [tsc, '-p', folder], { stdio: 'inherit' });
console.log(`${count} examples have no type errors`);
