import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type Matrix, Random } from 'cauda';
import { writeNpy } from 'cauda/io';
import { mlpClassifier } from 'cauda/nn';
import { autoGuard, calibrate, energy, evaluate, loadGuard, maxSoftmax, monitor } from 'cauda/ood';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { npz } from '../../test/npz.ts';
import { cli } from '../cli.ts';
import { inputOf, readRows } from '../rows/readRows.ts';

let folder: string;
const at = (name: string): string => join(folder, name);

/** What a network might make of n rows of three classes, or of rows `off` away from them. */
function activations(seed: number, n: number, off = 0) {
  const random = new Random(seed);
  const labels = Array.from({ length: n }, (_, i) => i % 3);
  const around = (center: number[]): number[] => center.map((value) => value + random.normal());
  const columns = {
    layer0: labels.map((label) => around([0, 1, 2, 3].map((j) => (j === label ? 5 : 0) + off))),
    layer1: labels.map((label) => around([0, 1].map((j) => (j === label ? 4 : 0) + off))),
    logits: labels.map((label) => around([0, 1, 2].map((j) => (j === label ? 6 : -off)))),
    labels: labels.map((label) => [label]),
  };
  const arrays = Object.entries(columns).map(([name, rows]) => [
    name,
    { data: rows.flat(), shape: [n, rows[0]!.length] },
  ]);
  return Object.fromEntries(arrays) as Record<keyof typeof columns, { data: number[]; shape: number[] }>;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cauda-guard-'));
  writeFileSync(at('train.npz'), npz(activations(1, 300)));
  writeFileSync(at('held.npz'), npz(activations(2, 200)));
  const sets: [string, number, number, number][] = [
    ['test', 3, 150, 0],
    ['near', 4, 60, 1],
    ['far', 5, 60, 8],
  ];
  for (const [name, seed, n, off] of sets) {
    const { labels: _, ...arrays } = activations(seed, n, off);
    writeFileSync(at(`${name}.npz`), npz(arrays));
  }
  expect((await run(fit())).code).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `cauda guard …`: its exit code and what it wrote. */
async function run(args: readonly string[], stdin: Readable | string = '') {
  const written = { stdout: '', stderr: '' };
  const code = await cli(['guard', ...args], {
    stdin: typeof stdin === 'string' ? Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]) : stdin,
    stdout: { write: (text) => void (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
  });
  return { code, ...written, lines: written.stdout.split('\n').slice(0, -1) };
}

/** Runs it until it listens for Ctrl-C, does `then`, and presses Ctrl-C. */
async function interrupted(
  args: readonly string[],
  stdin?: Readable,
  then: () => void | Promise<void> = () => {},
) {
  const listeners = process.listenerCount('SIGINT');
  const running = run(args, stdin);
  await vi.waitUntil(() => process.listenerCount('SIGINT') > listeners);
  await then();
  process.emit('SIGINT');
  const result = await running;
  expect(process.listenerCount('SIGINT')).toBe(listeners);
  return result;
}

const fit = (...more: string[]) => [
  ...['fit', '--train', at('train.npz'), '--calibration', at('held.npz')],
  ...['--names', 'ant, bee,cat', '--out', at('guard.json'), ...more],
];
const fitInto = (out: string, ...more: string[]) => [
  ...['fit', '--train', at('train.npz'), '--out', at(out), ...more],
];
const check = (input: string, ...more: string[]) => [
  ...['check', input === '-' ? input : at(input), '--guard', at('guard.json'), ...more],
];
const watch = (input: string, ...more: string[]) => [
  ...['monitor', input === '-' ? input : at(input), '--guard', at('guard.json'), ...more],
];

const guardIn = (name: string) => loadGuard(readFileSync(at(name)));
const inputIn = async (name: string) => inputOf(await readRows(at(name)));

/** The rows of a set as lines for stdin. */
async function linesOf(name: string): Promise<string[]> {
  const { layers, logits } = (await inputIn(name)) as { layers: Matrix[]; logits: Matrix };
  return Array.from(logits.data.slice(0, logits.rows), (_, i) =>
    JSON.stringify({
      layers: layers.map((layer) => Array.from(layer.row(i))),
      logits: Array.from(logits.row(i)),
    }),
  );
}

describe('guard fit', () => {
  test('writes the guard that the library makes of the same rows, and says what it promises', async () => {
    const { code, stdout, stderr } = await run(fit());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const train = await readRows(at('train.npz'));
    const { layers, logits } = inputOf(train) as { layers: Matrix[]; logits: Matrix };
    const detector = await autoGuard({ layers, logits, labels: train.labels! });
    const guard = await calibrate(detector, await inputIn('held.npz'), {
      alpha: 0.05,
      labelNames: ['ant', 'bee', 'cat'],
      notes: { train: 'train.npz', trainRows: 300, calibration: 'held.npz', seed: 0 },
    });
    expect(readFileSync(at('guard.json'), 'utf8')).toBe(`${JSON.stringify(guard)}\n`);
    for (const text of [
      `Fitted to 300 rows of ${at('train.npz')}`,
      '  layer 0: Gaussians, ',
      `Calibrated on 200 rows of ${at('held.npz')}`,
      `its score is above ${guard.calibration.threshold.toPrecision(6)}.`,
      'With confidence 95 %, that happens to at most 5 % of familiar rows; 2.49 % are to be expected.',
      `The guard is in ${at('guard.json')}`,
    ])
      expect(stdout).toContain(text);
  });

  test('--calibration-share sets rows aside before the fit, the same for a seed and any number of workers', async () => {
    const share = ['--calibration-share', '0.4', '--alpha', '0.1', '--confidence', '0.9', '--seed', '7'];
    const { code, stdout } = await run(fitInto('share.json', ...share, '--workers', '0'));
    expect(code).toBe(0);
    expect(stdout).toContain(`Fitted to 180 rows of ${at('train.npz')}`);
    expect(stdout).toContain(`on 120 other rows of ${at('train.npz')}, drawn with seed 7 before the fit`);
    await run(fitInto('workers.json', ...share, '--workers', '2'));
    expect(readFileSync(at('workers.json'))).toEqual(readFileSync(at('share.json')));
    const { calibration, provenance } = guardIn('share.json');
    expect([calibration.alpha, calibration.confidence]).toEqual([0.1, 0.9]);
    expect(provenance).toMatchObject({ calibrationRows: 120, notes: { trainRows: 180, seed: 7 } });
    await run(fitInto('other.json', ...share, '--seed', '8'));
    expect(guardIn('other.json').provenance.calibrationDigest).not.toBe(provenance.calibrationDigest);
  });

  test.each([
    [[], 'give either --calibration <rows> or --calibration-share <share>'],
    [['--calibration', 'x.npz', '--calibration-share', '0.2'], 'give either --calibration <rows>'],
    [['--calibration-share', '1'], 'It must be a number in (0, 1).'],
    [['--calibration-share', '0.2', '--alpha', 'five'], 'It must be a number in (0, 1).'],
    [['--calibration-share', '0.2', '--workers', '-1'], 'It must be an integer in [0, 64].'],
  ])('with %j it exits 2 with the usage', async (args, message) => {
    const { code, stderr } = await run(fitInto('none.json', ...args));
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain('Usage: cauda guard fit [options]');
  });

  test('rows that do not do exit 1 with one line, and no file', async () => {
    const { labels, ...unlabelled } = activations(1, 300);
    writeFileSync(at('unlabelled.npz'), npz(unlabelled));
    const { layer0, ...layerless } = activations(2, 200);
    writeFileSync(at('layerless.npz'), npz(layerless));
    writeFileSync(at('narrow.npz'), npz({ ...layerless, layer0: layerless.layer1 }));
    writeFileSync(at('few.npz'), npz(activations(6, 58)));
    writeFileSync(at('tiny.npz'), npz(activations(6, 30)));
    const held = ['--calibration', at('held.npz')];
    const cases: [string[], string][] = [
      [['--train', at('nowhere.npz'), ...held], 'ENOENT'],
      [
        ['--train', at('unlabelled.npz'), ...held],
        'unlabelled.npz: labels are missing: the class of each row',
      ],
      [['--train', at('layerless.npz'), ...held], 'layerless.npz: layer0 is missing'],
      [['--calibration', at('layerless.npz')], 'layerless.npz: layer0 is missing'],
      [
        ['--calibration', at('narrow.npz')],
        `narrow.npz: layer0 has 2 columns; ${at('train.npz')} has 4 columns`,
      ],
      [['--calibration', at('train.npz')], `train.npz: every row is in ${at('train.npz')} too`],
      [
        ['--calibration', at('few.npz')],
        'few.npz: alpha 0.05 with confidence 0.95 needs at least 59 calibration rows; got 58; give more rows, a larger --alpha or a lower --confidence',
      ],
      [['--calibration-share', '0.1'], 'needs at least 59 calibration rows; got 30'],
      [
        ['--train', at('tiny.npz'), ...held],
        'tiny.npz: autoGuard: expected at least 50 training rows; got 30',
      ],
      [[...held, '--names', 'ant,bee'], 'label 2 has no name; --names calls the labels 0 to 1'],
    ];
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await run(fitInto('none.json', ...args));
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(message);
      expect(stderr.split('\n')).toHaveLength(2);
    }
    expect(existsSync(at('none.json'))).toBe(false);
  });

  test('calibration rows that are training rows too are counted on stderr', async () => {
    writeFileSync(at('mixed.npz'), npz(mixed(activations(1, 300), activations(2, 200), 5)));
    const { code, stderr } = await run(fitInto('mixed.json', '--calibration', at('mixed.npz')));
    expect(code).toBe(0);
    expect(stderr).toBe(
      '5 of 205 calibration rows are training rows too: the promise is for rows that the guard was not fitted to\n',
    );
  });

  test('Ctrl-C exits 130 and leaves no file', async () => {
    const { code, stdout } = await interrupted(fitInto('none.json', '--calibration', at('held.npz')));
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(existsSync(at('none.json'))).toBe(false);
  });
});

/** The first `count` rows of one set, then all of another. */
function mixed(a: ReturnType<typeof activations>, b: ReturnType<typeof activations>, count: number) {
  const names = Object.keys(a) as (keyof typeof a)[];
  return Object.fromEntries(
    names.map((name) => {
      const cols = a[name].shape[1]!;
      const data = [...a[name].data.slice(0, count * cols), ...b[name].data];
      return [name, { data, shape: [data.length / cols, cols] }];
    }),
  );
}

describe('guard check', () => {
  test('writes a line for each row, with what the library says', async () => {
    const { code, lines, stderr } = await run(check('near.npz'));
    expect(code).toBe(0);
    const guard = guardIn('guard.json');
    const verdicts = guard.checkAll(await inputIn('near.npz'));
    const plain = verdicts.map(({ perLayer, ...verdict }, row) => ({
      row,
      ...verdict,
      perLayer: perLayer.map((part) => ({ ...part, layer: part.layer ?? null })),
    }));
    expect(lines.map((line) => JSON.parse(line))).toEqual(plain);
    expect(Object.keys(JSON.parse(lines[0]!))).toEqual([
      'row',
      'score',
      'pValue',
      'inDistribution',
      'nearestClass',
      'perLayer',
    ]);
    expect(['ant', 'bee', 'cat']).toContain(plain[0]!.nearestClass);
    const outliers = verdicts.filter(({ inDistribution }) => !inDistribution).length;
    expect(outliers).toBeGreaterThan(0);
    expect(outliers).toBeLessThan(60);
    expect(stderr).toContain(
      `${outliers} of 60 rows above ${guard.calibration.threshold.toPrecision(6)} are`,
    );
    expect(stderr).toContain('of familiar rows, at most 5 % with confidence 95 %');
  });

  test('reads the same rows from stdin and gives the same lines', async () => {
    const rows = await linesOf('near.npz');
    expect(await run(check('-'), rows.join('\n'))).toEqual(await run(check('near.npz')));
    writeFileSync(at('near.ndjson'), rows.join('\n'));
    expect(await run(check('near.ndjson'))).toEqual(await run(check('near.npz')));
  });

  test('answers a line of stdin before the next one comes', async () => {
    const stdin = new Readable({ read() {} });
    const [line] = await linesOf('near.npz');
    let answered = '';
    const running = cli(['guard', ...check('-')], {
      stdin,
      stdout: { write: (text) => void (answered += text) },
      stderr: { write: () => {} },
    });
    stdin.push(`${line}\n`);
    await vi.waitUntil(() => answered.endsWith('\n'));
    expect(JSON.parse(answered).row).toBe(0);
    stdin.push(null);
    expect(await running).toBe(0);
  });

  test('--only-outliers leaves the others out, and --fail-on-outlier exits 3 if there are any', async () => {
    const all = (await run(check('near.npz'))).lines.map((line) => JSON.parse(line));
    const { code, lines } = await run(check('near.npz', '--only-outliers', '--fail-on-outlier'));
    expect(code).toBe(3);
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      all.filter(({ inDistribution }) => !inDistribution),
    );

    const familiar = await linesOf('test.npz');
    const verdicts = (await run(check('test.npz'))).lines.map((line) => JSON.parse(line));
    const calm = familiar.filter((_, i) => verdicts[i].inDistribution).join('\n');
    const quiet = await run(check('-', '--only-outliers', '--fail-on-outlier'), calm);
    expect({ code: quiet.code, stdout: quiet.stdout }).toEqual({ code: 0, stdout: '' });
    expect(await run(check('-', '--fail-on-outlier'))).toMatchObject({ code: 0, stderr: 'no rows\n' });
  });

  test('a bad line exits 1 with its number, after whole lines for the rows before it', async () => {
    const rows = await linesOf('far.npz');
    const wrong: [string, string][] = [
      ['{"layers":[[1,2', 'expected a row as JSON'],
      ['{"layers":[[1],[2,3]],"logits":[1,2,3]}', 'X has 1 feature; this model was fitted on 4'],
      ['{"layers":[[1,2,3,4]],"logits":[1,2,3]}', 'layers[1] is missing'],
      ['{"layers":[[1,2,3,4],[1,2]]}', 'logits are missing'],
      ['{"inputs":[1,2]}', 'this guard holds no network for inputs'],
    ];
    for (const [line, message] of wrong) {
      const text = [rows[0], rows[1], line, rows[2]].join('\n');
      const { code, lines, stderr } = await run(check('-', '--fail-on-outlier'), text);
      expect(code).toBe(1);
      expect(lines.map((line) => JSON.parse(line).row)).toEqual([0, 1]);
      expect(stderr).toContain('stdin: line 3: ');
      expect(stderr).toContain(message);
      expect(stderr.split('\n')).toHaveLength(2);
    }
  });

  test('arrays of other widths, or that are not there, exit 1 with the path', async () => {
    const { logits, ...rest } = activations(7, 10);
    writeFileSync(at('logitless.npz'), npz(rest));
    writeFileSync(at('wide.npz'), npz({ ...rest, logits, layer1: rest.layer0 }));
    for (const [name, message] of [
      ['logitless.npz', 'logits are missing'],
      ['wide.npz', 'X has 4 features; this model was fitted on 2'],
      ['nowhere.npz', 'ENOENT'],
      ['nowhere.ndjson', 'ENOENT'],
    ] as const) {
      const { code, stdout, stderr } = await run(check(name));
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(at(name));
      expect(stderr).toContain(message);
    }
  });

  test('a guard that is cut off, edited, newer, something else or not there exits 1 with the path', async () => {
    const text = readFileSync(at('guard.json'), 'utf8');
    const files: [string, string][] = [
      [text.slice(0, text.length / 2), 'the file is cut off or something else'],
      [text.replace('"alpha":0.05', '"alpha":0.5'), 'the file was edited or damaged'],
      [
        text.replace('"version":2', '"version":3'),
        'this Cauda reads version 2 of "cauda.guard"; got version 3',
      ],
      ['{"format":"cauda.detector"}', 'expected a saved "cauda.guard"'],
      ['', 'the file is cut off or something else'],
    ];
    for (const [content, message] of files) {
      expect(content).not.toBe(text);
      writeFileSync(at('bad.json'), content);
      for (const command of [
        ['check', at('test.npz')],
        ['monitor', at('test.npz')],
        ['evaluate', '--id', at('test.npz'), '--ood', `far=${at('far.npz')}`],
      ]) {
        const { code, stdout, stderr } = await run([...command, '--guard', at('bad.json')]);
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
        expect(stderr).toContain(`${at('bad.json')}: loadGuard: `);
        expect(stderr).toContain(message);
      }
    }
    expect((await run(['check', at('test.npz'), '--guard', at('none.json')])).stderr).toContain('ENOENT');
  });

  test('without a guard or an input it exits 2', async () => {
    expect((await run(['check', at('test.npz')])).code).toBe(2);
    const { code, stderr } = await run(['check', '--guard', at('guard.json')]);
    expect(code).toBe(2);
    expect(stderr).toContain('Usage: cauda guard check [options] <input>');
  });

  test('Ctrl-C exits 130, also while stdin sends nothing', async () => {
    const stdin = new Readable({ read() {} });
    expect(await interrupted(check('-', '--fail-on-outlier'), stdin)).toMatchObject({
      code: 130,
      stderr: '',
    });
    expect(stdin.destroyed).toBe(true);
    expect((await interrupted(check('test.npz'))).code).toBe(130);
  });
});

describe('guard evaluate', () => {
  const command = (...more: string[]) => [
    ...['evaluate', '--guard', at('guard.json'), '--id', at('test.npz'), '--resamples', '20', ...more],
  ];

  test('prints the table of all sets, and writes what the library gives', async () => {
    const ood = ['--ood', `near=${at('near.npz')}`, `far=${at('far.npz')}`];
    const { code, stdout } = await run(command(...ood, '--seed', '3', '--out', at('evaluation.json')));
    expect(code).toBe(0);
    const guard = guardIn('guard.json');
    const input = async (name: string) => (await inputIn(name)) as { layers: Matrix[]; logits: Matrix };
    const expected = evaluate(
      { id: await input('test.npz'), ood: { near: await input('near.npz'), far: await input('far.npz') } },
      { guard, maxSoftmax: maxSoftmax(), energy: energy() },
      { resamples: 20, seed: 3 },
    );
    const file = JSON.parse(readFileSync(at('evaluation.json'), 'utf8'));
    expect(file).toMatchObject({ format: 'cauda-evaluation', version: 1, guard: { alpha: 0.05 } });
    expect(file.id.nId).toBe(150);
    expect(file.sets.flatMap(({ rows }: { rows: unknown[] }) => rows)).toEqual(expected.rows);
    const verdicts = guard.checkAll(await input('near.npz'));
    const outliers = verdicts.filter(({ inDistribution }) => !inDistribution).length;
    expect(file.sets[0]).toMatchObject({ ood: 'near', nOod: 60, calledOutliers: outliers / 60 });
    expect(stdout).toContain('150 familiar rows: the guard calls ');
    expect(stdout).toContain('promised were at most 5 % with confidence 95 %');
    expect(stdout).toContain('far: 60 rows; the guard calls 100 % of them outliers');
    expect(stdout).toMatch(/^ {2}guard {5}( +[01]\.\d{4}){5}$/m);
    expect(stdout).toContain(expected.rows[0]!.auroc.value.toFixed(4));
  });

  test('rows without the logits that the guard needs exit 1 with their path', async () => {
    const { logits: _, ...rest } = activations(7, 10);
    writeFileSync(at('logitless.npz'), npz(rest));
    const { code, stderr } = await run(command('--ood', `none=${at('logitless.npz')}`));
    expect(code).toBe(1);
    expect(stderr).toContain(`${at('logitless.npz')}: energy.score: logits are missing`);
  });

  test('sets without a name, or twice the same, exit 2', async () => {
    for (const [ood, message] of [
      [[at('far.npz')], 'It must be a name, =, and rows.'],
      [['a=x.npz', 'a=y.npz'], 'The name is given twice.'],
    ] as const) {
      const { code, stderr } = await run(command('--ood', ...ood));
      expect(code).toBe(2);
      expect(stderr).toContain(message);
    }
    expect((await run(command())).code).toBe(2);
  });

  test('Ctrl-C exits 130 without a file', async () => {
    const args = command('--ood', `far=${at('far.npz')}`, '--out', at('none.json'));
    expect(await interrupted(args)).toMatchObject({ code: 130, stdout: '' });
    expect(existsSync(at('none.json'))).toBe(false);
  });
});

describe('guard monitor', () => {
  const every = ['--alarm-every', '50'];

  test('raises the alarms that the library raises, and exits 3 only where asked', async () => {
    const guard = guardIn('guard.json');
    const watcher = monitor(guard.calibration.scores, { alarmEvery: 50 });
    const expected: object[] = [];
    let state = watcher.start;
    for (const score of guard.score(await inputIn('far.npz'))) {
      const { alarm, logStatistic, pValue, state: next } = watcher.update(state, score);
      const { logThreshold } = watcher;
      if (alarm) expected.push({ row: state.rows, alarm, score, pValue, logStatistic, logThreshold });
      state = next;
    }
    expect(expected.length).toBeGreaterThan(1);
    const { code, lines, stderr } = await run(watch('far.npz', ...every));
    expect(code).toBe(0);
    expect(lines.map((line) => JSON.parse(line))).toEqual(expected);
    expect(stderr).toBe(
      `60 rows, ${expected.length} alarms; familiar rows give at most one in 50 on average, with confidence 95 %\n`,
    );
    expect((await run(watch('far.npz', ...every, '--fail-on-alarm'))).code).toBe(3);
    const calm = await run(watch('test.npz', '--fail-on-alarm'));
    expect(calm).toMatchObject({ code: 0, stdout: '' });
    expect(calm.stderr).toContain('150 rows, 0 alarms; familiar rows give at most one in 10,000');
  });

  test('goes on where an earlier run ended, as if there had been one', async () => {
    const rows = [...(await linesOf('test.npz')), ...(await linesOf('far.npz'))];
    const whole = await run(watch('-', ...every, '--all'), rows.join('\n'));
    expect(whole.lines).toHaveLength(210);
    const state = ['--state', at('state.json')];
    const parts = [rows.slice(0, 155), rows.slice(155, 156), [], rows.slice(156)];
    let lines: string[] = [];
    for (const part of parts)
      lines = [...lines, ...(await run(watch('-', ...every, '--all', ...state), part.join('\n'))).lines];
    expect(lines).toEqual(whole.lines);
    expect(JSON.parse(readFileSync(at('state.json'), 'utf8')).state.rows).toBe(210);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('keeps the state of the rows before a bad line and before Ctrl-C', async () => {
    const rows = await linesOf('test.npz');
    const path = at('kept.json');
    const kept = () => JSON.parse(readFileSync(path, 'utf8')).state.rows;
    const failed = await run(watch('-', '--state', path), `${rows[0]}\n${rows[1]}\n{}\n`);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('stdin: line 3: ');
    expect(kept()).toBe(2);
    const stdin = new Readable({ read() {} });
    let written = '';
    const running = cli(['guard', ...watch('-', '--state', path, '--all')], {
      stdin,
      stdout: { write: (text) => void (written += text) },
      stderr: { write: () => {} },
    });
    stdin.push(`${rows[2]}\n`);
    await vi.waitUntil(() => written !== '');
    process.emit('SIGINT');
    expect(await running).toBe(130);
    expect(JSON.parse(written).row).toBe(2);
    expect(kept()).toBe(3);
  });

  test('refuses the state of another guard, of other options, or none', async () => {
    const path = at('refused.json');
    const again = (...more: string[]) => run(watch('test.npz', '--state', path, ...more));
    expect((await again()).code).toBe(0);
    const good = readFileSync(path, 'utf8');
    const saved = JSON.parse(good);
    expect((await again('--alarm-every', '99')).stderr).toContain('remove the file to begin anew');
    for (const [content, message] of [
      [good.replace('sha256:', 'sha256:0'), 'expected the state of guard sha256:'],
      [good.slice(0, 50), 'expected the state of cauda guard monitor ('],
      ['null', 'expected the state of cauda guard monitor, version 1'],
      [good.replace('"version":1', '"version":2'), 'expected the state of cauda guard monitor, version 1'],
      [
        JSON.stringify({ ...saved, state: { ...saved.state, logStakes: [0] } }),
        'Monitor.restore: logStakes must be an array of 6 numbers',
      ],
    ] as const) {
      writeFileSync(path, content);
      const { code, stdout, stderr } = await again();
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(`${path}: ${message}`);
      expect(readFileSync(path, 'utf8')).toBe(content);
    }
  });

  test('options out of range exit 2', async () => {
    const { code, stderr } = await run(watch('test.npz', '--alarm-every', '1'));
    expect(code).toBe(2);
    expect(stderr).toContain('It must be an integer in [2, 9007199254740991].');
  });
});

test('a guard that holds its network takes inputs, and evaluate has its logits', async () => {
  const random = new Random(11);
  const pixels = (n: number, off = 0) =>
    Array.from({ length: n }, (_, i) => [0, 1, 2].map((j) => (j === i % 3 ? 4 : 0) + off + random.normal()));
  const train = pixels(120);
  const labels = train.map((_, i) => i % 3);
  const network = await mlpClassifier(train, labels, { hiddenLayers: [8], epochs: 3 });
  const detector = await autoGuard({ ...network.views(train), labels });
  const guard = await calibrate(detector, { inputs: pixels(80) }, { alpha: 0.05, network });
  writeFileSync(at('whole.json'), JSON.stringify(guard));
  const familiar = pixels(50);
  mkdirSync(at('familiar'));
  writeFileSync(join(at('familiar'), 'inputs.npy'), writeNpy(familiar.flat(), [50, 3]));
  writeFileSync(at('inputs.csv'), pixels(40, 9).join('\n'));
  const whole = ['--guard', at('whole.json')];
  const checked = await run(['check', at('familiar'), ...whole]);
  expect(checked.lines.map((line) => JSON.parse(line).score)).toEqual(
    Array.from(guard.score(network.views(familiar))),
  );
  const line = JSON.stringify({ inputs: familiar[0] });
  expect((await run(['check', '-', ...whole], line)).lines[0]).toBe(checked.lines[0]);
  const { code, stdout } = await run([
    ...['evaluate', ...whole, '--id', at('familiar'), '--ood', `far=${at('inputs.csv')}`],
    ...['--resamples', '5'],
  ]);
  expect(code).toBe(0);
  expect(stdout).toContain('50 familiar rows: ');
  for (const name of ['guard', 'maxSoftmax', 'energy']) expect(stdout).toContain(`\n  ${name} `);
});

test('every command of guard has its formats in --help', async () => {
  for (const name of ['fit', 'check', 'evaluate', 'monitor']) {
    const { code, stdout } = await run([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain("np.savez('rows.npz', layer0=…, layer1=…, logits=…, labels=…)");
  }
  expect((await run(['check', '--help'])).stdout).toContain('{"layers": [[…], […]], "logits": […]}');
});
