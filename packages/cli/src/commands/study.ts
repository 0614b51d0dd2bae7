import { mkdir } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from 'cauda/node';
import { Command } from 'commander';
import colors from 'picocolors';
import { loadDatasets } from '../data/datasets.ts';
import { writeJson } from '../files/writeJson.ts';
import { generate } from '../report/report.ts';
import { GUARD_FILE } from '../result/sections/guard.ts';
import { STUDY_FORMAT, STUDY_VERSION, type StudyOptions, type StudyResult } from '../result/studyResult.ts';
import { earlierResult } from '../study/earlierResult.ts';
import { runStudy, type StudyHooks } from '../study/run.ts';
import { Study } from '../study/study.ts';
import type { Progress } from '../terminal/progress.ts';
import type { Streams } from '../terminal/streams.ts';
import { withProgress } from '../terminal/withProgress.ts';
import { duration, list } from '../text/format.ts';
import { secondsSince } from '../timed.ts';
import { version, versions } from '../version.ts';
import { integer } from './integer.ts';
import { dataOption, quickOption, seedOption, workersOption } from './options.ts';

interface Flags {
  readonly data?: string;
  readonly out: string;
  readonly seed: number;
  readonly workers?: number;
  readonly maxComponents?: number;
  readonly epochs?: number;
  readonly restarts?: number;
  readonly quick: boolean;
  readonly resume: boolean;
  readonly json: boolean;
  readonly report: boolean;
}

/** Defaults of a full study, and of a quick one. */
const full = { maxComponents: 15, epochs: 10, restarts: 10 };
const quick = { maxComponents: 3, epochs: 2, restarts: 1 };

/** `cauda study`. */
export function studyCommand({ stdout, stderr }: Streams): Command {
  return new Command('study')
    .description(
      'Cluster MNIST, train a network, and see whether mixtures over its activations notice Fashion-MNIST.',
    )
    .addOption(dataOption())
    .option('--out <folder>', 'where result.json, report.html and guard.json go', 'study-out')
    .addOption(seedOption())
    .addOption(workersOption())
    .option(
      '--max-components <k>',
      'fit mixtures of 1 to k components (default: 15, quick 3)',
      integer(1, 100),
    )
    .option('--epochs <n>', 'passes of the network over the digits (default: 10, quick 2)', integer(1, 1000))
    .option(
      '--restarts <n>',
      'starts of K-means, of which the best is kept (default: 10, quick 1)',
      integer(1, 1000),
    )
    .addOption(quickOption('fits'))
    .option('--resume', 'go on from the finished sections in the --out folder', false)
    .option('--json', 'write events, one JSON object a line: results to stdout, progress to stderr', false)
    .option('--no-report', 'leave out report.html')
    .addHelpText(
      'after',
      `
With --json, stdout has the events "start", "section" (each section's figures, without pictures) and "done"; stderr has
"progress" and "error". Exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted.`,
    )
    .action(async (flags: Flags) => {
      await withProgress(stderr, flags, (progress, signal) =>
        study(flags, signal, progress, { stdout, stderr }),
      );
    });
}

async function study(
  flags: Flags,
  signal: AbortSignal,
  progress: Progress,
  { stdout, stderr }: Omit<Streams, 'stdin'>,
): Promise<void> {
  const started = performance.now();
  const options = optionsOf(flags);
  const paths = {
    result: join(flags.out, 'result.json'),
    report: join(flags.out, 'report.html'),
    guard: join(flags.out, GUARD_FILE),
  };
  const data = await loadDatasets(flags.data);
  const earlier = flags.resume ? await earlierResult(paths, options, data) : undefined;
  let result: StudyResult = earlier ?? newResult(options);
  await mkdir(flags.out, { recursive: true });

  const print = (line: string) => {
    if (flags.json) return;
    progress.clear();
    stdout.write(`${line}\n`);
  };
  const event = (name: string, details: object) => {
    if (flags.json) stdout.write(`${JSON.stringify({ event: name, ...details }, withoutPictures)}\n`);
  };
  const hooks: StudyHooks = {
    begin(name, title, kept) {
      print(`\n${colors.bold(title)}${kept ? colors.dim('  kept from the earlier run') : ''}`);
      if (kept) event('section', { name, result: result.sections[name] });
    },
    async finished(next, name) {
      result = next;
      await writeJson(paths.result, result);
      print(colors.dim(`  ${duration(result.sections[name]!.seconds)}`));
      event('section', { name, result: result.sections[name] });
    },
  };
  event('start', { options, versions: result.versions, machine: result.machine });
  print(
    `Cauda ${version}, study of the ${data.source === 'sample' ? 'embedded sample' : 'full sets'}, seed ${options.seed}`,
  );
  try {
    const keep = (name: string, text: string) => writeFileAtomic(join(flags.out, name), text);
    await runStudy(new Study(options, data, signal, progress, print, keep), result, hooks);
  } finally {
    // an interrupted study has a report too, of the sections that are finished
    const some = Object.keys(result.sections).length > 0;
    if (flags.report && some) await writeFileAtomic(paths.report, generate(result));
    if (signal.aborted && some && !flags.json) {
      progress.clear();
      stderr.write(
        `Interrupted. The finished sections are in ${paths.result}; --resume goes on from there.\n`,
      );
    }
  }
  const seconds = secondsSince(started);
  event('done', { ...paths, report: flags.report ? paths.report : null, seconds });
  print(
    `\nDone in ${duration(seconds)}: ${list([...(flags.report ? [paths.report] : []), paths.result, paths.guard])}`,
  );
}

function optionsOf(flags: Flags): StudyOptions {
  const usual = flags.quick ? quick : full;
  return {
    data: flags.data ?? null,
    seed: flags.seed,
    workers: flags.workers ?? null,
    maxComponents: flags.maxComponents ?? usual.maxComponents,
    epochs: flags.epochs ?? usual.epochs,
    restarts: flags.restarts ?? usual.restarts,
    quick: flags.quick,
  };
}

function newResult(options: StudyOptions): StudyResult {
  const processors = cpus();
  return {
    format: STUDY_FORMAT,
    version: STUDY_VERSION,
    startedAt: new Date().toISOString(),
    options,
    versions,
    machine: {
      platform: `${process.platform} ${process.arch}`,
      cpu: processors[0]?.model.trim() ?? 'unknown',
      threads: processors.length,
      memoryBytes: totalmem(),
    },
    sections: {},
  };
}

function withoutPictures(key: string, value: unknown): unknown {
  return key === 'png' || key === 'markdown' ? undefined : value;
}
