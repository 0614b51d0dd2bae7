import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { autoGuard, calibrate } from 'cauda/ood';
import { expect, test } from 'vitest';
import { type Activations, activations, guardFolder } from '../../../test/guardRows.ts';
import { npz } from '../../../test/npz.ts';
import { interrupted, run } from '../../../test/run.ts';
import { readRows } from '../../rows/readRows.ts';

const { at, fit, guardIn, inputIn } = guardFolder();

const fitInto = (out: string, ...more: string[]) => [
  ...['guard', 'fit', '--train', at('train.npz'), '--out', at(out), ...more],
];

test('fit writes the guard that the library makes of the same rows, and says what it promises', async () => {
  const { code, stdout, stderr } = await run(fit());
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const train = await readRows(at('train.npz'));
  const detector = await autoGuard({ ...(await inputIn('train.npz')), labels: train.labels! });
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
    'With confidence 95 %, that happens to at most 5 % of familiar rows; 2.49 % are expected.',
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
])('fit with %j exits 2 with the usage', async (args, message) => {
  const { code, stderr } = await run(fitInto('none.json', ...args));
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).toContain('Usage: cauda guard fit [options]');
});

test('rows that cannot be used exit 1 with one line, and no file is written', async () => {
  const { labels, ...unlabeled } = activations(1, 300);
  writeFileSync(at('unlabeled.npz'), npz(unlabeled));
  const { layer0, ...layerless } = activations(2, 200);
  writeFileSync(at('layerless.npz'), npz(layerless));
  writeFileSync(at('narrow.npz'), npz({ ...layerless, layer0: layerless.layer1 }));
  writeFileSync(at('few.npz'), npz(activations(6, 58)));
  writeFileSync(at('tiny.npz'), npz(activations(6, 30)));
  const held = ['--calibration', at('held.npz')];
  const cases: [string[], string][] = [
    [['--train', at('nowhere.npz'), ...held], 'ENOENT'],
    [['--train', at('unlabeled.npz'), ...held], 'unlabeled.npz: labels are missing: the class of each row'],
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
    [['--train', at('tiny.npz'), ...held], 'tiny.npz: autoGuard: expected at least 50 training rows; got 30'],
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

test('where the guard cannot be written is said before the work', async () => {
  const { code, stdout, stderr } = await run(
    fitInto(join('nope', 'guard.json'), '--calibration-share', '0.4'),
  );
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr.split('\n').at(-2)).toContain(
    `${at(join('nope', 'guard.json'))}: the folder ${at('nope')} does not exist; make it first`,
  );
  expect(stderr).not.toContain('autoGuard');
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

/** The first `count` rows of one set, then all of another. */
function mixed(a: Activations, b: Activations, count: number) {
  const names = Object.keys(a) as (keyof typeof a)[];
  return Object.fromEntries(
    names.map((name) => {
      const cols = a[name].shape[1]!;
      const data = [...a[name].data.slice(0, count * cols), ...b[name].data];
      return [name, { data, shape: [data.length / cols, cols] }];
    }),
  );
}
