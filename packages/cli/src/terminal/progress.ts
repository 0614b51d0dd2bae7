import type { ProgressEvent } from 'cauda';
import cliProgress from 'cli-progress';
import colors from 'picocolors';

/** Says how far some work is. */
export interface Progress {
  /** Says that `fraction` of `task` is done, in [0, 1]. */
  update(task: string, fraction: number): void;
  /** Removes what would mix with other output. */
  clear(): void;
}

/** A stream for progress, such as `process.stderr`. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface ProgressOptions {
  /** Whether to write events, one JSON object a line. */
  readonly json: boolean;
  /** The time in milliseconds; defaults to the clock. */
  readonly now?: () => number;
}

/** The fraction of a fit that is done, over all its runs. */
export function fractionOf({ iteration, maxIterations, run, runs }: ProgressEvent): number {
  return (run + iteration / maxIterations) / runs;
}

/** Makes a progress: a bar on a terminal, a line now and then elsewhere, and events with `json`. */
export function createProgress(
  stream: ProgressStream,
  { json, now = performance.now.bind(performance) }: ProgressOptions,
): Progress {
  if (json)
    return occasional(250, now, (task, fraction) => {
      stream.write(`${JSON.stringify({ event: 'progress', task, fraction: Number(fraction.toFixed(4)) })}\n`);
    });
  if (stream.isTTY) return bar(stream);
  return occasional(5000, now, (task, fraction) => {
    stream.write(`  … ${task}, ${Math.round(fraction * 100)} %\n`);
  });
}

/** Calls `say` at most once in `interval` milliseconds, and not in the first `interval`. */
function occasional(
  interval: number,
  now: () => number,
  say: (task: string, fraction: number) => void,
): Progress {
  let last = now();
  return {
    update(task, fraction) {
      if (now() - last < interval) return;
      last = now();
      say(task, fraction);
    },
    clear() {},
  };
}

function bar(stream: ProgressStream): Progress {
  let shown: cliProgress.SingleBar | undefined;
  return {
    update(task, fraction) {
      if (!shown) {
        shown = new cliProgress.SingleBar({
          stream: stream as NodeJS.WritableStream,
          format: `  ${colors.blue('{bar}')} {percentage} %  ${colors.dim('{task}')}`,
          barCompleteChar: '━',
          barIncompleteChar: ' ',
          barsize: 24,
          hideCursor: true,
          clearOnComplete: true,
          gracefulExit: false,
        });
        shown.start(1000, 0, { task });
      }
      shown.update(Math.round(fraction * 1000), { task });
    },
    clear() {
      shown?.stop();
      shown = undefined;
    },
  };
}
