import { writeFileAtomic } from 'cauda/node';
import { Command } from 'commander';
import { type Datasets, loadDatasets } from '../../data/datasets.ts';
import { usualDetectors } from '../../protocols/detectors.ts';
import { networkOptions } from '../../protocols/network.ts';
import { runProtocols } from '../../protocols/runProtocols.ts';
import { table } from '../../protocols/table.ts';
import { duration } from '../../study/format.ts';
import { first } from '../../study/study.ts';
import { interruptible } from '../../terminal/interruption.ts';
import { createProgress } from '../../terminal/progress.ts';
import type { Streams } from '../../terminal/streams.ts';
import { version } from '../../version.ts';
import { integer } from '../integer.ts';

interface Flags {
  readonly data?: string;
  readonly seeds: number;
  readonly out?: string;
  readonly workers?: number;
  readonly quick: boolean;
}

/** Rows of each training and test set, and resamples, with --quick. */
const QUICK = { train: 1000, test: 300, resamples: 20 };

/** `cauda guard protocols`. */
export function protocolsCommand({ stdout, stderr }: Streams): Command {
  return new Command('protocols')
    .description('Compare detectors on Fashion-MNIST, unknown digits and corrupted digits.')
    .option(
      '--data <where>',
      'a folder with mnist/ and fashion-mnist/, "sample" or "full" (default: full if found, else sample)',
    )
    .option('--seeds <n>', 'networks for each choice of known digits', integer(1, 1000), 3)
    .option('--out <file>', 'all figures with their intervals, as JSON')
    .option('--workers <n>', "worker threads, 0 for none (default: the machine's)", integer(0, 64))
    .option('--quick', 'fewer rows and resamples, to see that it works', false)
    .action(async (flags: Flags) => {
      const progress = createProgress(stderr, { json: false });
      try {
        await interruptible(async (signal) => {
          const started = performance.now();
          const loaded = await loadDatasets(flags.data);
          const data = flags.quick ? few(loaded) : loaded;
          const seeds = Array.from({ length: flags.seeds }, (_, seed) => seed);
          const result = await runProtocols({
            data,
            makeDetectors: usualDetectors,
            seeds,
            resamples: flags.quick ? QUICK.resamples : undefined,
            workers: flags.workers,
            signal,
            onProgress: (task, fraction) => progress.update(task, fraction),
          });
          progress.clear();
          stdout.write(`${table(result).join('\n')}\n`);
          if (flags.out !== undefined) {
            const file = {
              format: 'cauda-protocols',
              version: 1,
              versions: { cauda: version, node: process.versions.node },
              options: { seeds, quick: flags.quick },
              data: { source: data.source, sha256: data.digests },
              network: networkOptions,
              ...result,
            };
            await writeFileAtomic(flags.out, `${JSON.stringify(file)}\n`);
          }
          const seconds = duration((performance.now() - started) / 1000);
          stdout.write(`\nDone in ${seconds}${flags.out === undefined ? '' : `: ${flags.out}`}\n`);
        });
      } finally {
        progress.clear();
      }
    });
}

function few(data: Datasets): Datasets {
  const reduced = ({ train, test }: Datasets['mnist']) => ({
    train: first(train, QUICK.train),
    test: first(test, QUICK.test),
  });
  return { ...data, mnist: reduced(data.mnist), fashionMnist: reduced(data.fashionMnist) };
}
