import { readFileSync } from 'node:fs';

/** The version of Cauda, the same for the command and the library. The path holds in src/ and in dist/. */
export const version: string = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
).version;

/** The versions that a file of results names. */
export const versions: { readonly cauda: string; readonly node: string } = {
  cauda: version,
  node: process.versions.node,
};
