import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Argument, Command } from 'commander';
import { findFull } from '../data/datasets.ts';
import { type DownloadOptions, download } from '../data/download.ts';
import { filesOf, fullSets, type KnownFile, mirrors, type SetName, setNames } from '../data/files.ts';
import { inspect, type Place, places } from '../data/inspect.ts';
import { cacheDirectory, type Environment, fullDirectories } from '../data/places.ts';
import { find, readVerified } from '../data/stored.ts';
import type { Progress, ProgressStream } from '../terminal/progress.ts';
import { withProgress } from '../terminal/withProgress.ts';
import { plural } from '../text/format.ts';

/** Everything outside the commands that they depend on; tests bring their own. */
interface Surroundings {
  env?: Environment;
  stdout?: { write(text: string): unknown };
  stderr?: ProgressStream;
  sets?: Place['sets'];
  openPart?: DownloadOptions['openPart'];
}

/**
 * `cauda data list | fetch | verify`.
 * @throws Error with one sentence, from the action of a command that fails
 */
export function dataCommand({
  env = process.env,
  stdout = process.stdout,
  stderr = process.stderr,
  sets = fullSets,
  openPart,
}: Surroundings = {}): Command {
  const print = (line: string): void => {
    stdout.write(`${line}\n`);
  };
  const command = new Command('data').description('Find, download and verify MNIST and Fashion-MNIST.');

  command
    .command('list')
    .description('Say which sets are found where, and whether they are verified.')
    .option('--dir <folder>', 'look only there')
    .action(async ({ dir }: { dir?: string }) => {
      for (const place of places(dir, env, sets)) await list(place, print);
      if (dir === undefined)
        print(`cauda study takes ${findFull(env) ?? 'the sample'} unless told otherwise`);
    });

  command
    .command('fetch')
    .description('Download the full sets and verify them; an interrupted download is resumed.')
    .addArgument(new Argument('<set>', 'which set').choices([...setNames, 'all']))
    .option('--dir <folder>', 'the folder to put them in (default: CAUDA_DATA, or else the cache)')
    .option(
      '--mirror <url>',
      'take them from url/mnist/ and url/fashion-mnist/ (default: the official mirrors)',
    )
    .action(async (choice: SetName | 'all', { dir, mirror }: { dir?: string; mirror?: string }) => {
      const directory = dir ?? fullDirectories(env)[0] ?? cacheDirectory(env);
      await withProgress(stderr, { json: false }, async (progress, signal) => {
        for (const set of choice === 'all' ? setNames : [choice])
          for (const file of filesOf(sets[set])) {
            signal.throwIfAborted();
            const base = mirror === undefined ? mirrors[set] : `${mirror.replace(/\/+$/, '')}/${set}/`;
            await fetchFile(`${base}${file.name}.gz`, join(directory, set), file, progress, print, {
              signal,
              openPart,
            });
          }
      });
    });

  command
    .command('verify')
    .description('Check the length and SHA-256 of every file.')
    .option('--dir <folder>', 'look only there')
    .action(async ({ dir }: { dir?: string }) => {
      let found = false;
      let damaged = 0;
      for (const place of places(dir, env, sets))
        for (const state of await inspect(place)) {
          if (!state.found) continue;
          found = true;
          damaged += state.problems.length;
          if (state.problems.length === 0) print(`${join(place.directory, state.set)}: verified`);
          for (const problem of state.problems) print(problem);
        }
      if (!found) throw new Error(`data: found neither mnist nor fashion-mnist in ${dir}`);
      if (damaged) throw new Error(`data: ${plural(damaged, 'file is', 'files are')} not as expected`);
    });

  return command;
}

async function list(place: Place, print: (line: string) => void): Promise<void> {
  print(`${place.label}: ${place.directory}`);
  for (const { set, found, problems } of await inspect(place)) {
    const { train, test } = place.sets[set];
    const counts = `${countOf(train.labels)} train, ${countOf(test.labels)} test`;
    print(
      `  ${set.padEnd(14)} ${!found ? 'not there' : problems.length ? 'damaged' : `${counts}, verified`}`,
    );
    if (found) for (const problem of problems) print(`    ${problem}`);
  }
}

/** How many labels a file of labels holds, as text. */
function countOf({ bytes }: KnownFile): string {
  return (bytes - 8).toLocaleString('en');
}

async function fetchFile(
  url: string,
  folder: string,
  file: KnownFile,
  progress: Progress,
  print: (line: string) => void,
  options: Pick<DownloadOptions, 'signal' | 'openPart'>,
): Promise<void> {
  const present = find(folder, file);
  if (present !== undefined && (await isVerified(present, file))) {
    print(`${present}: already there, verified`);
    return;
  }
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${file.name}.gz`);
  const onProgress = (received: number, total = file.bytes) =>
    progress.update(`${file.name}, ${megabytes(received)} of ${megabytes(total)} MB`, received / total);
  await download(url, path, file, { ...options, onProgress }).finally(() => progress.clear());
  print(`${path}: downloaded, verified`);
}

function isVerified(path: string, file: KnownFile): Promise<boolean> {
  return readVerified(path, file).then(
    () => true,
    () => false,
  );
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
