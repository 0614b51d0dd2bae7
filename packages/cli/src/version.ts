import { readFileSync } from 'node:fs';

/** The version of Cauda; the command and the library carry the same. The path is right in src/ and in dist/. */
export const version: string = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
).version;

/** What a file of results says of the programs that made it. */
export const versions: { readonly cauda: string; readonly node: string } = {
  cauda: version,
  node: process.versions.node,
};
