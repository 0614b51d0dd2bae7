import { describe, expect, test } from 'vitest';
import { dataset, oracle } from '../../../test/oracles.ts';
import { sourceOf } from '../../../test/sources.ts';
import { Matrix } from '../../matrix.ts';
import type { ProgressEvent } from '../../parallel/session.ts';
import { Random } from '../../random.ts';
import { KMeansModel } from '../model.ts';
import { kmeansPlusPlus } from './kmeansPlusPlus.ts';

describe('against scikit-learn and exact probabilities', () => {
  const { statistics, exact } = oracle('kmeanspp');

  test.each([
    ['vanilla_n_local_trials_1', 1],
    ['greedy_default_2_plus_logK', undefined],
  ] as const)('its mean potential is scikit-learn’s: %s', async (key, nLocalTrials) => {
    for (const s of statistics) {
      const { X } = dataset(s.dataset);
      const runs = s.dataset === 'iris' ? 300 : 60;
      const potentials: number[] = [];
      for (let seed = 0; seed < runs; seed++) {
        const { centers } = await kmeansPlusPlus(X, {
          nClusters: s.n_clusters,
          seed,
          ...(nLocalTrials ? { nLocalTrials } : {}),
        });
        const zeros = new Float64Array(centers.rows);
        const model = new KMeansModel({
          centers,
          labels: new Int32Array(),
          inertia: 0,
          nIter: 1,
          converged: true,
          metric: 'euclidean',
          missing: undefined,
          sizes: new Int32Array(centers.rows),
          inertias: zeros,
          radii: zeros,
        });
        potentials.push(-model.score(X));
      }
      const mean = potentials.reduce((a, b) => a + b) / runs;
      const { mean_potential, sd_potential, sem } = s[key];
      const z = (mean - mean_potential) / Math.sqrt(sem ** 2 + sd_potential ** 2 / runs);
      expect(Math.abs(z)).toBeLessThan(4);
    }
  });

  interface ExactCase {
    name: string;
    X: number[];
    sample_weight: number[];
    joint_prob_first_i_second_j: { data: number[] };
  }
  test.each(exact as ExactCase[])('pairs of centers have their exact probabilities: $name', async (c) => {
    const runs = 4000;
    const counts = new Array(16).fill(0);
    for (let seed = 0; seed < runs; seed++) {
      const X = c.X.map((x) => [x]);
      const { indices } = await kmeansPlusPlus(X, {
        nClusters: 2,
        nLocalTrials: 1,
        seed,
        sampleWeight: c.sample_weight,
      });
      counts[indices[0]! * 4 + indices[1]!]++;
    }
    const expected = c.joint_prob_first_i_second_j.data.map((p) => p * runs);
    let chi2 = 0;
    expected.forEach((e, i) => {
      if (e === 0) expect(counts[i]).toBe(0);
      else chi2 += (counts[i] - e) ** 2 / e;
    });
    expect(chi2).toBeLessThan(34); // 11 degrees of freedom: p < 0.0005 above
  });
});

test('a source gives the rows that the same data in memory gives', async () => {
  for (const sparse of [false, true]) {
    const random = new Random(3008);
    const X = new Matrix(
      Float32Array.from({ length: 3000 * 8 }, (_, at) => {
        const value = random.normal() + 3 * (Math.floor(at / 8) % 4);
        return sparse && random.uniform() < 0.75 ? 0.5 : value;
      }),
      3000,
      8,
    );
    const options = { nClusters: 12, seed: 9 };
    const found = await kmeansPlusPlus(sourceOf(X, 701), options);
    expect(found).toEqual(await kmeansPlusPlus(X, options));
    expect(found.centers).toEqual(X.take(found.indices));
  }
});

test('progress tells the potential that each center leaves, by hand', async () => {
  // whichever of the two places is drawn first leaves 2 · 9² or 1 · 9²; with both, nothing is left
  const seen: ProgressEvent[] = [];
  const { indices } = await kmeansPlusPlus([[0], [9], [9]], {
    nClusters: 2,
    onProgress: (event) => seen.push(event),
  });
  const progress = { task: 'kmeansPlusPlus', maxIterations: 2, run: 0, runs: 1 };
  expect(seen).toEqual([
    { ...progress, iteration: 1, objective: indices[0] === 0 ? 162 : 81 },
    { ...progress, iteration: 2, objective: 0 },
  ]);
});
