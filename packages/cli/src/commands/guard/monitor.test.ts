import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { monitor } from 'cauda/ood';
import { expect, test, vi } from 'vitest';
import { guardFolder } from '../../../test/guardRows.ts';
import { run } from '../../../test/run.ts';

const { at, guardIn, inputIn, linesOf } = guardFolder();

const watch = (input: string, ...more: string[]) => [
  ...['guard', 'monitor', input === '-' ? input : at(input), '--guard', at('guard.json'), ...more],
];

const every = ['--alarm-every', '50'];

test('monitor raises the alarms that the library raises, and exits 3 only where asked', async () => {
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

test('monitor goes on where an earlier run ended, as if there had been one', async () => {
  const rows = [...(await linesOf('test.npz')), ...(await linesOf('far.npz'))];
  const whole = await run(watch('-', ...every, '--all'), { stdin: rows.join('\n') });
  expect(whole.lines).toHaveLength(210);
  const state = ['--state', at('state.json')];
  const parts = [rows.slice(0, 155), rows.slice(155, 156), [], rows.slice(156)];
  let lines: string[] = [];
  for (const part of parts)
    lines = [
      ...lines,
      ...(await run(watch('-', ...every, '--all', ...state), { stdin: part.join('\n') })).lines,
    ];
  expect(lines).toEqual(whole.lines);
  expect(JSON.parse(readFileSync(at('state.json'), 'utf8')).state.rows).toBe(210);
  expect(readdirSync(dirname(at('state.json'))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('monitor keeps the state of the rows before a bad line and before Ctrl-C', async () => {
  const rows = await linesOf('test.npz');
  const path = at('kept.json');
  const kept = () => JSON.parse(readFileSync(path, 'utf8')).state.rows;
  const failed = await run(watch('-', '--state', path), { stdin: `${rows[0]}\n${rows[1]}\n{}\n` });
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain('stdin: line 3: ');
  expect(kept()).toBe(2);
  const stdin = new Readable({ read() {} });
  let written = '';
  const running = run(watch('-', '--state', path, '--all'), {
    stdin,
    watch(text) {
      written += text;
    },
  });
  stdin.push(`${rows[2]}\n`);
  await vi.waitUntil(() => written !== '');
  process.emit('SIGINT');
  expect((await running).code).toBe(130);
  expect(JSON.parse(written).row).toBe(2);
  expect(kept()).toBe(3);
});

test('monitor refuses the state of another guard, of other options, and what is no state', async () => {
  const path = at('refused.json');
  const again = (...more: string[]) => run(watch('test.npz', '--state', path, ...more));
  expect((await again()).code).toBe(0);
  const good = readFileSync(path, 'utf8');
  const saved = JSON.parse(good);
  expect((await again('--alarm-every', '99')).stderr).toContain('remove the file to start again');
  for (const [content, message] of [
    [good.replace('sha256:', 'sha256:0'), 'expected the state of guard sha256:'],
    [good.slice(0, 50), 'expected the state of cauda guard monitor ('],
    ['null', 'expected the state of cauda guard monitor, version 1'],
    [good.replace('"version":1', '"version":2'), 'expected the state of cauda guard monitor, version 1'],
    [
      JSON.stringify({ ...saved, state: { ...saved.state, logStakes: [0] } }),
      'Monitor.restore: logStakes must be a list of 6 numbers',
    ],
  ] as const) {
    writeFileSync(path, content);
    const { code, stdout, stderr } = await again();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`${path}: ${message}`);
    expect(readFileSync(path, 'utf8')).toBe(content);
  }
});

test('an option out of range exits 2', async () => {
  const { code, stderr } = await run(watch('test.npz', '--alarm-every', '1'));
  expect(code).toBe(2);
  expect(stderr).toContain('It must be an integer in [2, 9007199254740991].');
});
