import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Random } from 'cauda';
import { writeNpy } from 'cauda/io';
import { mlpClassifier } from 'cauda/nn';
import { autoGuard, calibrate } from 'cauda/ood';
import { expect, test, vi } from 'vitest';
import { activations, guardFolder } from '../../../test/guardRows.ts';
import { npz } from '../../../test/npz.ts';
import { interrupted, run } from '../../../test/run.ts';

const { at, guardIn, inputIn, linesOf } = guardFolder();

const check = (input: string, ...more: string[]) => [
  ...['guard', 'check', input === '-' ? input : at(input), '--guard', at('guard.json'), ...more],
];

test('check writes a line for each row, with what the library says', async () => {
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
  expect(stderr).toContain(`${outliers} of 60 rows above ${guard.calibration.threshold.toPrecision(6)} are`);
  expect(stderr).toContain('of familiar rows, at most 5 % with confidence 95 %');
});

test('check reads the same rows from stdin and writes the same lines', async () => {
  const rows = await linesOf('near.npz');
  expect(await run(check('-'), { stdin: rows.join('\n') })).toEqual(await run(check('near.npz')));
  writeFileSync(at('near.ndjson'), rows.join('\n'));
  expect(await run(check('near.ndjson'))).toEqual(await run(check('near.npz')));
});

test('check answers a line of stdin before the next one comes', async () => {
  const stdin = new Readable({ read() {} });
  const [line] = await linesOf('near.npz');
  let answered = '';
  const running = run(check('-'), {
    stdin,
    watch(text) {
      answered += text;
    },
  });
  stdin.push(`${line}\n`);
  await vi.waitUntil(() => answered.endsWith('\n'));
  expect(JSON.parse(answered).row).toBe(0);
  stdin.push(null);
  expect((await running).code).toBe(0);
});

test('--only-outliers leaves the others out, and --fail-on-outlier exits 3 if there are any', async () => {
  const all = (await run(check('near.npz'))).lines.map((line) => JSON.parse(line));
  const { code, lines } = await run(check('near.npz', '--only-outliers', '--fail-on-outlier'));
  expect(code).toBe(3);
  expect(lines.map((line) => JSON.parse(line))).toEqual(all.filter(({ inDistribution }) => !inDistribution));

  const familiar = await linesOf('test.npz');
  const verdicts = (await run(check('test.npz'))).lines.map((line) => JSON.parse(line));
  const calm = familiar.filter((_, i) => verdicts[i].inDistribution).join('\n');
  const quiet = await run(check('-', '--only-outliers', '--fail-on-outlier'), { stdin: calm });
  expect({ code: quiet.code, stdout: quiet.stdout }).toEqual({ code: 0, stdout: '' });
  expect(await run(check('-', '--fail-on-outlier'))).toMatchObject({ code: 0, stderr: 'no rows\n' });
});

test('a bad line exits 1 with its number, after the answers to the rows before it', async () => {
  const rows = await linesOf('far.npz');
  const wrong: [string, string][] = [
    ['{"layers":[[1,2', 'expected a row as JSON'],
    ['{"layers":[[1],[2,3]],"logits":[1,2,3]}', 'layers[0] has 1 column; this guard was calibrated on 4'],
    ['{"layers":[[1,2,3,4]],"logits":[1,2,3]}', 'layers has 1 entry; this guard was calibrated on 2'],
    ['{"layers":[[1,2,3,4],[1,2]]}', 'logits are missing'],
    ['{"inputs":[1,2]}', 'this guard holds no network for inputs'],
  ];
  for (const [line, message] of wrong) {
    const text = [rows[0], rows[1], line, rows[2]].join('\n');
    const { code, lines, stderr } = await run(check('-', '--fail-on-outlier'), { stdin: text });
    expect(code).toBe(1);
    expect(lines.map((line) => JSON.parse(line).row)).toEqual([0, 1]);
    expect(stderr).toContain('stdin: line 3: ');
    expect(stderr).toContain(message);
    expect(stderr.split('\n')).toHaveLength(2);
  }
});

test('arrays that are missing or have other widths exit 1 with the path', async () => {
  const { logits, ...rest } = activations(7, 10);
  writeFileSync(at('logitless.npz'), npz(rest));
  writeFileSync(at('wide.npz'), npz({ ...rest, logits, layer1: rest.layer0 }));
  for (const [name, message] of [
    ['logitless.npz', 'logits are missing'],
    ['wide.npz', 'layers[1] has 4 columns; this guard was calibrated on 2'],
    ['nowhere.npz', 'ENOENT'],
    ['nowhere.ndjson', 'ENOENT'],
  ] as const) {
    const { code, stdout, stderr } = await run(check(name));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(at(name));
    expect(stderr).toContain(message);
  }
});

test('a guard that is cut off, edited, newer, something else or missing exits 1 with the path', async () => {
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
      ['guard', 'check', at('test.npz')],
      ['guard', 'monitor', at('test.npz')],
      ['guard', 'evaluate', '--id', at('test.npz'), '--ood', `far=${at('far.npz')}`],
    ]) {
      const { code, stdout, stderr } = await run([...command, '--guard', at('bad.json')]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(`${at('bad.json')}: loadGuard: `);
      expect(stderr).toContain(message);
    }
  }
  expect((await run(['guard', 'check', at('test.npz'), '--guard', at('none.json')])).stderr).toContain(
    'ENOENT',
  );
});

test('a folder in place of a guard exits 1 with the path', async () => {
  const { code, stderr } = await run(['guard', 'check', at('test.npz'), '--guard', at('.')]);
  expect(code).toBe(1);
  expect(stderr).toContain(`${at('.')}: expected a guard's file; it is a folder`);
});

test('check without a guard or an input exits 2', async () => {
  expect((await run(['guard', 'check', at('test.npz')])).code).toBe(2);
  const { code, stderr } = await run(['guard', 'check', '--guard', at('guard.json')]);
  expect(code).toBe(2);
  expect(stderr).toContain('Usage: cauda guard check [options] <input>');
});

test('Ctrl-C exits 130, even while stdin sends nothing', async () => {
  const stdin = new Readable({ read() {} });
  expect(await interrupted(check('-', '--fail-on-outlier'), { stdin })).toMatchObject({
    code: 130,
    stderr: '',
  });
  expect(stdin.destroyed).toBe(true);
  expect((await interrupted(check('test.npz'))).code).toBe(130);
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
  const checked = await run(['guard', 'check', at('familiar'), ...whole]);
  expect(checked.lines.map((line) => JSON.parse(line).score)).toEqual(
    Array.from(guard.score(network.views(familiar))),
  );
  const line = JSON.stringify({ inputs: familiar[0] });
  expect((await run(['guard', 'check', '-', ...whole], { stdin: line })).lines[0]).toBe(checked.lines[0]);
  const { code, stdout } = await run([
    ...['guard', 'evaluate', ...whole, '--id', at('familiar'), '--ood', `far=${at('inputs.csv')}`],
    ...['--resamples', '5'],
  ]);
  expect(code).toBe(0);
  expect(stdout).toContain('50 familiar rows: ');
  for (const name of ['guard', 'maxSoftmax', 'energy']) expect(stdout).toContain(`\n  ${name} `);
});
