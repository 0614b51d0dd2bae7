import { Command } from 'commander';
import { type Datasets, loadDatasets } from '../../data/datasets.ts';
import { first } from '../../data/images.ts';
import { checkOutput } from '../../files/checkOutput.ts';
import { writeJson } from '../../files/writeJson.ts';
import { usualDetectors } from '../../protocols/detectors.ts';
import { networkOptions } from '../../protocols/network.ts';
import { runProtocols } from '../../protocols/runProtocols.ts';
import { table } from '../../protocols/table.ts';
import type { Streams } from '../../terminal/streams.ts';
import { withProgress } from '../../terminal/withProgress.ts';
import { duration } from '../../text/format.ts';
import { secondsSince } from '../../timed.ts';
import { versions } from '../../version.ts';
import { integer } from '../integer.ts';
import { dataOption, figuresOption, quickOption, workersOption } from '../options.ts';

interface Flags {
  readonly data?: string;
  readonly seeds: number;
  readonly out?: string;
  readonly workers?: number;
  readonly quick: boolean;
}

/** With --quick: the rows of each training set and of each test set, and the resamples. */
const QUICK = { train: 1000, test: 300, resamples: 20 };

/** `cauda guard protocols`. */
export function protocolsCommand({ stdout, stderr }: Streams): Command {
  return new Command('protocols')
    .description('Compare detectors on Fashion-MNIST, corrupted digits and unknown digits.')
    .addOption(dataOption())
    .option('--seeds <n>', 'how many networks to train for each choice of known digits', integer(1, 1000), 3)
    .addOption(figuresOption())
    .addOption(workersOption())
    .addOption(quickOption('resamples'))
    .action(async (flags: Flags) => {
      await withProgress(stderr, { json: false }, async (progress, signal) => {
        if (flags.out !== undefined) await checkOutput(flags.out);
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
        if (flags.out !== undefined)
          await writeJson(flags.out, {
            format: 'cauda-protocols',
            version: 1,
            versions,
            options: { seeds, quick: flags.quick },
            data: { source: data.source, sha256: data.digests },
            network: networkOptions,
            ...result,
          });
        const file = flags.out === undefined ? '' : `: ${flags.out}`;
        stdout.write(`\nDone in ${duration(secondsSince(started))}${file}\n`);
      });
    });
}

function few(data: Datasets): Datasets {
  const reduced = ({ train, test }: Datasets['mnist']) => ({
    train: first(train, QUICK.train),
    test: first(test, QUICK.test),
  });
  return { ...data, mnist: reduced(data.mnist), fashionMnist: reduced(data.fashionMnist) };
}
