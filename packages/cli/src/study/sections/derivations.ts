import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { DerivationsSection } from '../../result/sections/derivations.ts';
import type { Study } from '../study.ts';

/** The same five steps up from packages/cli/src/study/sections and from packages/cli/dist/study/sections. */
const folder = new URL('../../../../../docs/derivations/', import.meta.url);
const names = ['em', 'kmeans-missing'];

/** The derivations as they stand in docs/derivations; none where the command runs without its repository. */
export async function derivationsSection({ print }: Study): Promise<Omit<DerivationsSection, 'seconds'>> {
  const documents = [];
  for (const name of names) {
    const path = fileURLToPath(new URL(`${name}.md`, folder));
    const markdown = await readFile(path, 'utf8').catch(() => undefined);
    if (markdown === undefined) continue;
    documents.push({ name, markdown });
    print(`  ${/^# (.+)$/m.exec(markdown)?.[1] ?? name} (docs/derivations/${name}.md)`);
  }
  if (!documents.length) print('  docs/derivations is not at hand');
  return { documents };
}
