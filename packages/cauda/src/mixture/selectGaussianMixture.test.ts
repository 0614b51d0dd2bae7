import { describe, expect, it } from 'vitest';
import { Matrix } from '../matrix.ts';
import { Random } from '../random.ts';
import { type SelectGaussianMixtureOptions, selectGaussianMixture } from './selectGaussianMixture.ts';

/** Three round clouds and what is far between them. */
function clouds(n: number, seed: number): Matrix {
  const random = new Random(seed);
  const centers = [0, 0, 8, 0, 0, 8];
  return new Matrix(
    Float64Array.from(
      { length: 2 * n },
      (_, at) => random.normal() + centers[2 * (Math.floor(at / 2) % 3) + (at % 2)]!,
    ),
    n,
    2,
  );
}

const X = clouds(600, 1);

describe('selectGaussianMixture', () => {
  it.each(['bic', 'aic', 'icl', 'heldOut'] as const)('finds three round clouds by %s', async (criterion) => {
    const { model, table, best, reason } = await selectGaussianMixture(X, {
      nComponents: [1, 2, 3, 4],
      covarianceTypes: ['spherical', 'full'],
      criterion,
      nInit: 3,
    });
    if (criterion === 'bic' || criterion === 'icl')
      expect([best.nComponents, best.covarianceType]).toEqual([3, 'spherical']);
    else expect(best.nComponents).toBeGreaterThanOrEqual(3);
    expect(model.nComponents).toBe(best.nComponents);
    expect(model.covarianceType).toBe(best.covarianceType);
    expect(table).toHaveLength(8);
    expect(table.map(({ nComponents }) => nComponents)).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
    const sign = criterion === 'heldOut' ? -1 : 1;
    expect(sign * best[criterion]).toBe(Math.min(...table.map((line) => sign * line[criterion])));
    expect(reason).toContain(best[criterion].toFixed(criterion === 'heldOut' ? 4 : 1));
  });

  it('says of the winner what the model says', async () => {
    const { model, best, reason, table } = await selectGaussianMixture(X, {
      nComponents: [2, 3, 4],
      covarianceTypes: ['diag'],
      nInit: 2,
    });
    expect(best).toEqual({
      nComponents: 3,
      covarianceType: 'diag',
      nParameters: model.nParameters,
      score: model.score(X),
      bic: model.bic(X),
      aic: model.aic(X),
      icl: model.icl(X),
      heldOut: NaN,
      nIter: model.nIter,
      converged: true,
      failure: undefined,
    });
    const next = table.filter((line) => line !== best).sort((a, b) => a.bic - b.bic)[0]!;
    expect(reason).toBe(
      `Of 3 candidates BIC is lowest with 3 components of type "diag": ${best.bic.toFixed(1)}; next is ${next.nComponents} components of type "diag": ${next.bic.toFixed(1)}.`,
    );
  });

  it('holds rows out of the fit, and then fits the winner to all', async () => {
    const options = { nComponents: [3], covarianceTypes: ['spherical'] as const, seed: 3 };
    const { model, best } = await selectGaussianMixture(X, {
      ...options,
      criterion: 'heldOut',
      heldOut: 0.5,
    });
    const all = await selectGaussianMixture(X, options);
    expect(model).toEqual(all.model);
    expect(best.score).not.toBe(all.best.score);
    expect(Math.abs(best.heldOut - best.score)).toBeLessThan(0.3);
  });

  it('notes a collapse and goes on', async () => {
    const flat = new Matrix(
      X.data.map((value, at) => (at % 2 ? 1 : value)),
      X.rows,
      2,
    );
    const { best, table, reason } = await selectGaussianMixture(flat, {
      nComponents: [1, 2],
      covarianceTypes: ['full', 'spherical'],
      regCovar: 0,
    });
    expect(table.map(({ failure }) => failure === undefined)).toEqual([false, true, false, true]);
    expect(table[0]!.failure).toContain('component 0 (weight 1) collapsed');
    expect(table[0]!.bic).toBeNaN();
    expect(best.covarianceType).toBe('spherical');
    expect(reason).toContain('2 could not be fitted.');
    const copies = await selectGaussianMixture([[0], [0], [1], [1]], { nComponents: [1, 3] });
    expect(copies.table.at(-1)!.failure).toBe('X has fewer than 3 distinct rows');
    await expect(selectGaussianMixture([[0], [0]], { nComponents: [1], regCovar: 0 })).rejects.toThrow(
      'selectGaussianMixture: no candidate could be fitted; the first: gaussianMixture: component 0',
    );
  });

  it('warns when the most that was tried wins, and when EM had not converged', async () => {
    const { reason } = await selectGaussianMixture(X, { nComponents: [1, 2], maxIter: 1, tol: 0 });
    expect(reason).toContain('EM had not converged: raise maxIter.');
    expect(reason).toContain('That is the largest number that was tried: try more.');
  });

  it('is the same for any number of workers, and reports and aborts', async () => {
    const large = clouds(3000, 2);
    const options = { nComponents: [2, 3], covarianceTypes: ['full', 'tied'] as const, seed: 1 };
    const [a, b] = [
      await selectGaussianMixture(large, { ...options, workers: 0 }),
      await selectGaussianMixture(large, { ...options, workers: 2 }),
    ];
    expect(a).toEqual(b);
    const runs = new Set<string>();
    await selectGaussianMixture(X, {
      ...options,
      onProgress: ({ task, run, runs: all }) => runs.add(`${task} ${run}/${all}`),
    });
    expect([...runs]).toEqual([0, 1, 2, 3].map((run) => `selectGaussianMixture ${run}/4`));
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error('enough'));
    await expect(
      selectGaussianMixture(X, { ...options, signal: controller.signal, onProgress }),
    ).rejects.toThrow('enough');
  });

  it('refuses what makes no sense, in one sentence', async () => {
    const refused = (options: unknown, message: string) =>
      expect(selectGaussianMixture(X, options as SelectGaussianMixtureOptions)).rejects.toThrow(message);
    const each = 'different integers, each an integer in [1, 600], the rows of X';
    await refused({}, `selectGaussianMixture: nComponents is required: ${each}`);
    for (const nComponents of [[0], [1, 1], [601], [1.5], []])
      await refused({ nComponents }, `selectGaussianMixture: nComponents must be ${each}`);
    await refused({ nComponents: 3 }, `selectGaussianMixture: nComponents must be ${each}; got 3`);
    await refused(
      { nComponents: [1], covarianceTypes: ['round'] },
      'selectGaussianMixture: covarianceTypes must be different ones of "full", "tied", "diag" or "spherical"',
    );
    await refused(
      { nComponents: [1], criterion: 'BIC' },
      'criterion must be "bic", "aic", "icl" or "heldOut"; got "BIC"',
    );
    await refused(
      { nComponents: [1], heldOut: 1 },
      'selectGaussianMixture: heldOut must be a number in (0, 1); got 1',
    );
    await refused(
      { nComponents: [500], criterion: 'heldOut' },
      'selectGaussianMixture: nComponents must be at most 480, the rows that are not held out; got 500',
    );
  });
});
