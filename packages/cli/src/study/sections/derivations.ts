import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { derivationsDirectory } from '../../data/places.ts';
import type { DerivationsSection } from '../../result/sections/derivations.ts';
import type { Study } from '../study.ts';

const names = ['em', 'kmeans-missing'];

/** Reads the derivations that travel with the command. */
export async function derivationsSection({ print }: Study): Promise<Omit<DerivationsSection, 'seconds'>> {
  const documents = [];
  for (const name of names) {
    const markdown = await readFile(join(derivationsDirectory, `${name}.md`), 'utf8');
    documents.push({ name, markdown });
    print(`  ${/^# (.+)$/m.exec(markdown)?.[1] ?? name} (docs/derivations/${name}.md)`);
  }
  return { documents };
}
