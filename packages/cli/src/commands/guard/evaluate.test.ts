import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { energy, evaluate, maxSoftmax } from 'cauda/ood';
import { expect, test } from 'vitest';
import { activations, guardFolder } from '../../../test/guardRows.ts';
import { npz } from '../../../test/npz.ts';
import { interrupted, run } from '../../../test/run.ts';

const { at, guardIn, inputIn } = guardFolder();

const command = (...more: string[]) => [
  ...['guard', 'evaluate', '--guard', at('guard.json'), '--id', at('test.npz'), '--resamples', '20', ...more],
];

test('evaluate prints the table of all sets, and writes the figures of the library', async () => {
  const ood = ['--ood', `near=${at('near.npz')}`, `far=${at('far.npz')}`];
  const { code, stdout } = await run(command(...ood, '--seed', '3', '--out', at('evaluation.json')));
  expect(code).toBe(0);
  const guard = guardIn('guard.json');
  const expected = evaluate(
    {
      id: await inputIn('test.npz'),
      ood: { near: await inputIn('near.npz'), far: await inputIn('far.npz') },
    },
    { guard, maxSoftmax: maxSoftmax(), energy: energy() },
    { resamples: 20, seed: 3 },
  );
  const file = JSON.parse(readFileSync(at('evaluation.json'), 'utf8'));
  expect(file).toMatchObject({ format: 'cauda-evaluation', version: 1, guard: { alpha: 0.05 } });
  expect(file.id.nId).toBe(150);
  expect(file.sets.flatMap(({ rows }: { rows: unknown[] }) => rows)).toEqual(expected.rows);
  const verdicts = guard.checkAll(await inputIn('near.npz'));
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
  expect(stderr).toContain(`${at('logitless.npz')}: Guard.scoreAsync: energy.score: logits are missing`);
});

test('a set without a name and a name that is given twice exit 2', async () => {
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
