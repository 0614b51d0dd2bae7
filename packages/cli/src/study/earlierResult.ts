import { readFile } from 'node:fs/promises';
import type { Datasets } from '../data/datasets.ts';
import { readIfThere } from '../files/readIfThere.ts';
import { parseResult } from '../result/parseResult.ts';
import type { StudyOptions, StudyResult } from '../result/studyResult.ts';
import { version } from '../version.ts';

/**
 * Reads the result of an earlier run, to go on from it.
 * @returns undefined where there is no file; a result without its guard where guard.json is gone or another
 * @throws Error that names what differs, if this run would not continue as that one began
 */
export async function earlierResult(
  { result: path, guard: guardPath }: { readonly result: string; readonly guard: string },
  options: StudyOptions,
  data: Datasets,
): Promise<StudyResult | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  const earlier = parseResult(text, path);
  const differing = (Object.keys(options) as (keyof StudyOptions)[])
    .filter((name) => options[name] !== earlier.options[name])
    .map(
      (name) => `${name} was ${earlier.options[name] ?? 'not given'} and is ${options[name] ?? 'not given'}`,
    );
  if (earlier.versions.cauda !== version)
    differing.push(`Cauda was ${earlier.versions.cauda} and is ${version}`);
  const known = Object.values(data.digests);
  if (earlier.sections.data?.sets.some(({ sha256 }) => !known.includes(sha256.images)))
    differing.push('the data are other files');
  if (differing.length)
    throw new Error(
      `study: --resume needs the options of the earlier run in ${path}: ${differing.join('; ')}; give the same, or leave out --resume to start again`,
    );
  const { guard, ...others } = earlier.sections;
  const kept = await readFile(guardPath, 'utf8').catch(() => '');
  // without its own guard.json, the section of the guard is run again
  return guard && !kept.includes(guard.file.checksum) ? { ...earlier, sections: others } : earlier;
}
