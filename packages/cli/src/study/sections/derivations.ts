import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { DerivationsSection } from '../../result/sections/derivations.ts';
import type { Study } from '../study.ts';

/** The folder of the derivations, five folders up from src/study/sections as well as from dist/study/sections. */
const folder = new URL('../../../../../docs/derivations/', import.meta.url);
const names = ['em', 'kmeans-missing'];

/** Reads the derivations in docs/derivations. There are none where the command runs without its repository. */
export async function derivationsSection({ print }: Study): Promise<Omit<DerivationsSection, 'seconds'>> {
  const documents = [];
  for (const name of names) {
    const path = fileURLToPath(new URL(`${name}.md`, folder));
    const markdown = await readFile(path, 'utf8').catch(() => undefined);
    if (markdown === undefined) continue;
    documents.push({ name, markdown });
    print(`  ${/^# (.+)$/m.exec(markdown)?.[1] ?? name} (docs/derivations/${name}.md)`);
  }
  if (!documents.length) print('  docs/derivations was not found');
  return { documents };
}
