/** Writes the generated parts of the documents: `npm run docs`. A test holds that they are up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withTagsTable } from './tagsTable.ts';

const guide = fileURLToPath(new URL('../../../docs/guide.md', import.meta.url));
writeFileSync(guide, withTagsTable(readFileSync(guide, 'utf8')));
