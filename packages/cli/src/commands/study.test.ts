import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MlpClassifier } from 'cauda/nn';
import { loadGuard } from 'cauda/ood';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../test/run.ts';
import { loadDatasets } from '../data/datasets.ts';
import { labelName } from '../data/labelName.ts';
import { parseResult } from '../result/parseResult.ts';
import type { StudyResult } from '../result/studyResult.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cauda-study-'));
});
afterAll(() => rm(folder, { recursive: true }));

const quick = (out: string, ...more: string[]) => [
  'study',
  '--quick',
  '--data',
  'sample',
  '--out',
  join(folder, out),
  ...more,
];
const resultIn = async (out: string): Promise<StudyResult> =>
  parseResult(await readFile(join(folder, out, 'result.json'), 'utf8'), out);

const guardIn = (out: string): Promise<string> => readFile(join(folder, out, 'guard.json'), 'utf8');

/** Without times and dates: what a seed determines. */
function figures(result: StudyResult): unknown {
  return JSON.parse(
    JSON.stringify(result.sections, (key, value) => (/seconds$/i.test(key) ? undefined : value)),
  );
}

test('an unknown option exits 2 and shows the usage', async () => {
  const { code, stdout, stderr } = await run(['study', '--color']);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain("error: unknown option '--color'");
  expect(stderr).toContain('Usage: cauda study [options]');
});

test('an option out of range exits 2 and says what it must be', async () => {
  const { code, stderr } = await run(['study', '--epochs', '0']);
  expect(code).toBe(2);
  expect(stderr).toContain(
    "option '--epochs <n>' argument '0' is invalid. It must be an integer in [1, 1000].",
  );
});

test('a folder without data exits 1 with one sentence and leaves nothing', async () => {
  const { code, stdout, stderr } = await run([
    'study',
    '--data',
    join(folder, 'nowhere'),
    '--out',
    join(folder, 'none'),
  ]);
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^[^\n]*data: expected train-images-idx3-ubyte or [^\n]* got neither[^\n]*\n$/);
  expect(await readdir(folder)).not.toContain('none');
});

test('a quick study prints its figures and leaves result.json and report.html', async () => {
  const { code, stdout, stderr } = await run(quick('quick'));
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('cauda:') });
  for (const text of [
    'first nine of MNIST: 5, 0, 4, 1, 9, 2, 1, 3, 1',
    'class means',
    'Are similar images grouped together?',
    'test accuracy',
    'best K properly by the smallest BIC',
    'did not see the OOD data',
    '(-312.93, -357.71, 44.78)',
    'calibrated on 250 test digits, judged on the other 250 and on 500 garments',
    'No outliers were looked at',
    'AUROC',
    'From 250 digits it promises, with 95 % confidence, to flag at most 5 % of all digits.',
    'guard.json: ',
    'too few complete rows to cluster',
    'Done in',
  ])
    expect(stdout).toContain(text);
  const result = await resultIn('quick');
  expect(Object.keys(result.sections)).toEqual([
    'data',
    'clustering',
    'network',
    'mixtures',
    'histograms',
    'guard',
    'missing',
    'derivations',
  ]);
  const { clustering, mixtures, missing } = result.sections;
  expect(clustering!.runs.map(({ table }) => table.flat().reduce((sum, n) => sum + n))).toEqual([
    1500, 1500, 1500,
  ]);
  expect(mixtures!.modes.map(({ fits }) => fits.map(({ nComponents }) => nComponents))).toEqual([
    [1, 2, 3, 5],
    [1, 2, 3, 5],
  ]);
  for (const { methods, missing: entries } of missing!.levels) {
    const cost = (method: string) => methods.find((outcome) => outcome.method === method)!.fit!.cost;
    expect(cost('expected')).toBeCloseTo(cost('mean') + missing!.variance * entries, 4);
  }
  const report = await readFile(join(folder, 'quick', 'report.html'), 'utf8');
  expect(report).toContain('<h2 id="derivations-title">');
});

test('the same seed gives the same figures for any number of workers', async () => {
  await run(quick('workers', '--workers', '0', '--no-report'));
  expect(figures(await resultIn('workers'))).toEqual(figures(await resultIn('quick')));
  expect(await readdir(join(folder, 'workers'))).toEqual(['guard.json', 'result.json']);
  expect(await guardIn('workers')).toBe(await guardIn('quick'));
});

test('guard.json is a guard that says of pixels what the result says', async () => {
  const { guard: section } = (await resultIn('quick')).sections;
  const { rows, promises, alpha, fooled, detectors, file } = section!;
  const text = await guardIn('quick');
  expect(Buffer.byteLength(text)).toBe(file.bytes);
  const guard = loadGuard(text, { networks: [MlpClassifier] });
  expect(JSON.parse(text).checksum).toBe(file.checksum);
  expect(guard.labelNames).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  expect(guard.provenance).toMatchObject({
    calibrationRows: 250,
    notes: {
      data: "MNIST, Cauda's sample",
      network: '784-128-64-10, trained on 1500 digits',
      seed: 0,
      epochs: 2,
    },
  });

  const { images, labels } = (await loadDatasets('sample')).fashionMnist.test;
  const verdicts = await guard.checkInputs({
    data: Float32Array.from(images.subarray(0, 784 * rows.ood), (gray) => gray / 255),
    shape: [rows.ood, 784],
  });
  expect(verdicts.filter(({ inDistribution }) => !inDistribution)).toHaveLength(
    promises.find((promise) => promise.alpha === alpha)!.oodFlagged,
  );
  const said = verdicts.map(({ pValue, nearestClass }, i) => [
    labelName('Fashion-MNIST', labels[i]!),
    pValue,
    nearestClass,
  ]);
  for (const { image, pValue, nearest } of fooled)
    expect(said).toContainEqual([image.labels[0], pValue, nearest]);
  expect(detectors.map(({ detector }) => detector)).toEqual(['autoGuard', 'mixture', 'maxSoftmax', 'energy']);
});

test('the code in the report loads guard.json and asks it', async () => {
  const { document } = parseHTML(await readFile(join(folder, 'quick', 'report.html'), 'utf8'));
  const code = document.querySelector('#guard pre')!.textContent!;
  const body = code.replace(/^import .*\n/gm, '');
  expect(code.length - body.length).toBeGreaterThan(50);
  const said: unknown[][] = [];
  const names = ['readFile', 'MlpClassifier', 'loadGuard', 'console'];
  const example = new (Object.getPrototypeOf(async () => {}).constructor)(...names, body);
  await example((name: string) => readFile(join(folder, 'quick', name)), MlpClassifier, loadGuard, {
    log: (...words: unknown[]) => said.push(words),
  });
  // the example's image is black
  const images = [new Float32Array(784)];
  const guard = loadGuard(await guardIn('quick'), { networks: [MlpClassifier] });
  const [verdict] = await guard.checkInputs(images);
  const { inDistribution, pValue, nearestClass } = verdict!;
  const digit = (guard.network as MlpClassifier).predict(images)[0];
  expect(said).toEqual([
    inDistribution ? ['read as', digit] : ['I do not know this; p =', pValue, 'nearest to', nearestClass],
  ]);
});

test('Ctrl-C exits 130 and keeps the finished sections, and --resume goes on to the same figures', async () => {
  const listeners = process.listenerCount('SIGINT');
  const interrupted = await run(quick('resumed'), {
    watch(text) {
      if (text.includes('Mixtures on the activations')) process.emit('SIGINT');
    },
  });
  expect(interrupted.code).toBe(130);
  expect(interrupted.stderr).toContain('--resume goes on from there');
  expect(process.listenerCount('SIGINT')).toBe(listeners);
  expect(Object.keys((await resultIn('resumed')).sections)).toEqual(['data', 'clustering', 'network']);
  expect(await readFile(join(folder, 'resumed', 'report.html'), 'utf8')).toContain(
    'This study has not finished',
  );

  const resumed = await run(quick('resumed', '--resume'));
  expect(resumed.code).toBe(0);
  expect(resumed.stdout.match(/kept from the earlier run/g)).toHaveLength(3);
  expect(figures(await resultIn('resumed'))).toEqual(figures(await resultIn('quick')));
});

test('--resume makes a guard again whose file is gone or another', async () => {
  const before = await guardIn('quick');
  for (const spoil of [
    () => rm(join(folder, 'quick', 'guard.json')),
    () => writeFile(join(folder, 'quick', 'guard.json'), '{}'),
  ]) {
    await spoil();
    const { code, stdout } = await run(quick('quick', '--resume'));
    expect(code).toBe(0);
    expect(stdout.match(/kept from the earlier run/g)).toHaveLength(7);
    expect(await guardIn('quick')).toBe(before);
  }
  const { stdout } = await run(quick('quick', '--resume'));
  expect(stdout.match(/kept from the earlier run/g)).toHaveLength(8);
});

test('--resume with other options exits 1 and names those that differ', async () => {
  const { code, stderr } = await run(quick('quick', '--resume', '--seed', '7', '--epochs', '3'));
  expect(code).toBe(1);
  expect(stderr).toContain(
    'seed was 0 and is 7; epochs was 2 and is 3; give the same, or leave out --resume',
  );
});

test('--resume refuses a file that is no result', async () => {
  await writeFile(join(folder, 'result.json'), '{"format":"other"}');
  const { code, stderr } = await run(['study', '--quick', '--data', 'sample', '--out', folder, '--resume']);
  expect(code).toBe(1);
  expect(stderr).toContain('expected format "cauda-study"; got "other"');
});

test('--json writes one event a line, on stdout results and on stderr errors', async () => {
  const { code, stdout } = await run(quick('quick', '--json', '--resume'));
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(code).toBe(0);
  expect(events.map(({ event, name }) => name ?? event)).toEqual([
    'start',
    'data',
    'clustering',
    'network',
    'mixtures',
    'histograms',
    'guard',
    'missing',
    'derivations',
    'done',
  ]);
  expect(events[3].result.lossCurve).toHaveLength(2);
  expect(stdout).not.toContain('"png"');
  const failed = await run(['study', '--json', '--data', join(folder, 'nowhere')]);
  expect(JSON.parse(failed.stderr)).toEqual({
    event: 'error',
    message: expect.stringContaining('got neither'),
  });
});
