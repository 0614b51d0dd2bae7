import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Matrix, Random } from 'cauda';
import { type Guard, loadGuard } from 'cauda/ood';
import { afterAll, beforeAll, expect } from 'vitest';
import { inputOf, readRows } from '../src/rows/readRows.ts';
import { npz } from './npz.ts';
import { run } from './run.ts';

export type Activations = Record<
  'layer0' | 'layer1' | 'logits' | 'labels',
  { data: number[]; shape: number[] }
>;

/** What a network might make of n rows of three classes, or of rows `off` away from them. */
export function activations(seed: number, n: number, off = 0): Activations {
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
  return Object.fromEntries(arrays) as Activations;
}

export interface GuardFolder {
  /** The path of a file in the folder. */
  at(name: string): string;
  /** `cauda guard fit` on train.npz and held.npz, which writes guard.json. */
  fit(...more: string[]): string[];
  /** The guard in a file. */
  guardIn(name: string): Guard;
  /** The rows of an archive as detectors take them. */
  inputIn(name: string): Promise<{ layers: Matrix[]; logits: Matrix }>;
  /** The rows of an archive as lines for stdin. */
  linesOf(name: string): Promise<string[]>;
}

/** A folder for the tests of a file, with rows to fit, calibrate and judge a guard, and with that guard. */
export function guardFolder(): GuardFolder {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  const fit = (...more: string[]) => [
    ...['guard', 'fit', '--train', at('train.npz'), '--calibration', at('held.npz')],
    ...['--names', 'ant, bee,cat', '--out', at('guard.json'), ...more],
  ];
  const inputIn = async (name: string) =>
    inputOf(await readRows(at(name))) as { layers: Matrix[]; logits: Matrix };
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
  return {
    at,
    fit,
    guardIn: (name) => loadGuard(readFileSync(at(name))),
    inputIn,
    async linesOf(name) {
      const { layers, logits } = await inputIn(name);
      return Array.from({ length: logits.rows }, (_, i) =>
        JSON.stringify({
          layers: layers.map((layer) => Array.from(layer.row(i))),
          logits: Array.from(logits.row(i)),
        }),
      );
    },
  };
}
