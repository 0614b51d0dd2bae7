import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from 'cauda/node';
import { type Guard, type Monitor, type MonitorState, monitor } from 'cauda/ood';
import { Command } from 'commander';
import { rowsHelp } from '../../rows/readRows.ts';
import { streamHelp, streamRows } from '../../rows/streamRows.ts';
import { within } from '../../rows/within.ts';
import { count, share } from '../../study/format.ts';
import { interruptible } from '../../terminal/interruption.ts';
import { OutliersFound } from '../../terminal/outliersFound.ts';
import type { Streams } from '../../terminal/streams.ts';
import { write } from '../../terminal/write.ts';
import { integer } from '../integer.ts';
import { numberBetween } from '../number.ts';
import { readGuard, viewsFor } from './readGuard.ts';

interface Flags {
  readonly guard: string;
  readonly alarmEvery: number;
  readonly confidence: number;
  readonly state?: string;
  readonly all: boolean;
  readonly failOnAlarm: boolean;
}

/** Milliseconds between two writings of the state while rows come in. */
const SAVE_EVERY = 10_000;

/** `cauda guard monitor`. */
export function monitorCommand(streams: Streams): Command {
  return new Command('monitor')
    .description('Watch a stream of rows and raise an alarm when they are no longer what the guard knows.')
    .argument('<input>', 'rows in their order, or - for stdin')
    .requiredOption('--guard <file>', 'the guard, as cauda guard fit wrote it')
    .option(
      '--alarm-every <rows>',
      'the mean number of familiar rows from one false alarm to the next is at least this',
      integer(2, Number.MAX_SAFE_INTEGER),
      10_000,
    )
    .option('--confidence <share>', 'how sure that is', numberBetween(0, 1), 0.95)
    .option('--state <file>', 'go on from the state in this file, if it is there, and keep it there')
    .option('--all', 'a line for each row, not only for alarms', false)
    .option('--fail-on-alarm', 'exit with 3 when the input has ended, if there was an alarm', false)
    .addHelpText(
      'after',
      `${rowsHelp}${streamHelp}

A line of output, rows counted from 0 since the stream began, earlier runs with the same --state included:
  {"row":1234,"alarm":true,"score":12.3,"pValue":0.002,"logStatistic":9.4,"logThreshold":9.2}
logStatistic is the evidence that rows have changed; at logThreshold there is an alarm, and it begins anew.`,
    )
    .action(async (input: string, flags: Flags) => {
      const alarms = await interruptible((signal) => watch(input, flags, streams, signal));
      if (flags.failOnAlarm && alarms > 0) throw new OutliersFound();
    });
}

async function watch(path: string, flags: Flags, streams: Streams, signal: AbortSignal): Promise<number> {
  const guard = await readGuard(flags.guard);
  const { alarmEvery, confidence } = flags;
  const watcher = await within(flags.guard, () =>
    monitor(guard.calibration.scores, { alarmEvery, confidence }),
  );
  const kept = flags.state === undefined ? undefined : new StateFile(flags.state, guard, watcher);
  let state = (await kept?.read()) ?? watcher.start;
  const before = state.rows;
  let alarms = 0;
  try {
    for await (const { where, input } of streamRows(path, streams.stdin, signal)) {
      let lines = '';
      for (const score of await within(where, async () => guard.score(await viewsFor(guard, input)))) {
        const { alarm, logStatistic, pValue, state: next } = watcher.update(state, score);
        const step = {
          row: state.rows,
          alarm,
          score,
          pValue,
          logStatistic,
          logThreshold: watcher.logThreshold,
        };
        if (alarm) alarms++;
        if (alarm || flags.all) lines += `${JSON.stringify(step)}\n`;
        state = next;
      }
      if (lines) await write(streams, lines, signal);
      await kept?.writeNowAndThen(state);
    }
  } finally {
    if (state.rows > before) await kept?.write(state); // also before a line that is wrong, or Ctrl-C
  }
  streams.stderr.write(
    `${count(state.rows - before)} rows, ${count(alarms)} ${alarms === 1 ? 'alarm' : 'alarms'}; familiar rows give at most one in ${count(alarmEvery)} on average, with confidence ${share(confidence)}\n`,
  );
  return alarms;
}

/** The state of a stream between two runs, with what it belongs to. */
class StateFile {
  readonly #path: string;
  readonly #monitor: Monitor;
  readonly #belongsTo: string;
  #written = performance.now();

  constructor(path: string, guard: Guard, watcher: Monitor) {
    this.#path = path;
    this.#monitor = watcher;
    const { alarmEvery, confidence } = watcher.options;
    this.#belongsTo = `guard ${guard.toJSON().checksum}, --alarm-every ${alarmEvery}, --confidence ${confidence}`;
  }

  /** The state, or undefined where there is no file; refuses that of another guard or other options. */
  async read(): Promise<MonitorState | undefined> {
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    return text === undefined ? undefined : within(this.#path, () => this.#parse(text));
  }

  async write(state: MonitorState): Promise<void> {
    const file = { format: 'cauda-monitor-state', version: 1, belongsTo: this.#belongsTo, state };
    await writeFileAtomic(this.#path, `${JSON.stringify(file)}\n`);
    this.#written = performance.now();
  }

  async writeNowAndThen(state: MonitorState): Promise<void> {
    if (performance.now() - this.#written >= SAVE_EVERY) await this.write(state);
  }

  #parse(text: string): MonitorState {
    let saved: { format?: unknown; version?: unknown; belongsTo?: unknown; state?: unknown } | null;
    try {
      saved = JSON.parse(text);
    } catch (error) {
      throw new RangeError(`expected the state of cauda guard monitor (${(error as Error).message})`);
    }
    if (saved?.format !== 'cauda-monitor-state' || saved.version !== 1)
      throw new RangeError('expected the state of cauda guard monitor, version 1');
    if (saved.belongsTo !== this.#belongsTo)
      throw new RangeError(
        `expected the state of ${this.#belongsTo}; got that of ${saved.belongsTo}; remove the file to begin anew`,
      );
    return this.#monitor.restore(saved.state);
  }
}
