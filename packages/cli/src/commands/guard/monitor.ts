import { type Guard, type Monitor, type MonitorState, monitor } from 'cauda/ood';
import { Command } from 'commander';
import { readIfThere } from '../../files/readIfThere.ts';
import { writeJson } from '../../files/writeJson.ts';
import { rowsHelp } from '../../rows/readRows.ts';
import { streamHelp, streamRows } from '../../rows/streamRows.ts';
import { within } from '../../rows/within.ts';
import { interruptible } from '../../terminal/interruption.ts';
import { OutliersFound } from '../../terminal/outliersFound.ts';
import type { Streams } from '../../terminal/streams.ts';
import { write } from '../../terminal/write.ts';
import { count, plural, share } from '../../text/format.ts';
import { integer } from '../integer.ts';
import { confidenceOption, guardOption } from '../options.ts';
import { readGuard } from './readGuard.ts';
import { viewsFor } from './viewsFor.ts';

interface Flags {
  readonly guard: string;
  readonly alarmEvery: number;
  readonly confidence: number;
  readonly state?: string;
  readonly all: boolean;
  readonly failOnAlarm: boolean;
}

/** While rows come in, the state is written at most once in so many milliseconds. */
const SAVE_EVERY = 10_000;

/** `cauda guard monitor`. */
export function monitorCommand(streams: Streams): Command {
  return new Command('monitor')
    .description(
      'Watch a stream of rows and raise an alarm when they no longer are like those that the guard knows.',
    )
    .argument('<input>', 'rows in the order in which they came, or - for stdin')
    .addOption(guardOption())
    .option(
      '--alarm-every <rows>',
      'on average at least this many familiar rows lie between two false alarms',
      integer(2, Number.MAX_SAFE_INTEGER),
      10_000,
    )
    .addOption(confidenceOption())
    .option('--state <file>', 'where the state is kept from one run to the next')
    .option('--all', 'write a line for each row, not only for alarms', false)
    .option('--fail-on-alarm', 'exit with 3 when the input has ended, if there was an alarm', false)
    .addHelpText(
      'after',
      `${rowsHelp}${streamHelp}

A line of output, rows counted from 0 since the stream began, earlier runs with the same --state included:
  {"row":1234,"alarm":true,"score":12.3,"pValue":0.002,"logStatistic":9.4,"logThreshold":9.2}
logStatistic is the evidence that rows have changed. When it reaches logThreshold, there is an alarm and it starts again.`,
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
      const scores = await within(where, async () =>
        guard.scoreAsync(await viewsFor(guard, input, signal), { signal }),
      );
      for (const score of scores) {
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
    if (state.rows > before) await kept?.write(state); // after a bad line and after Ctrl-C as well
  }
  streams.stderr.write(
    `${count(state.rows - before)} rows, ${plural(alarms, 'alarm')}; familiar rows give at most one in ${count(alarmEvery)} on average, with confidence ${share(confidence)}\n`,
  );
  return alarms;
}

/** The file that keeps the state of a stream between two runs, and names the guard and the options it belongs to. */
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

  /**
   * Reads the state.
   * @returns undefined where there is no file
   * @throws Error if the state belongs to another guard or to other options
   */
  async read(): Promise<MonitorState | undefined> {
    const text = await readIfThere(this.#path);
    return text === undefined ? undefined : within(this.#path, () => this.#parse(text));
  }

  async write(state: MonitorState): Promise<void> {
    const file = { format: 'cauda-monitor-state', version: 1, belongsTo: this.#belongsTo, state };
    await writeJson(this.#path, file);
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
        `expected the state of ${this.#belongsTo}; got that of ${saved.belongsTo}; remove the file to start again`,
      );
    return this.#monitor.restore(saved.state);
  }
}
