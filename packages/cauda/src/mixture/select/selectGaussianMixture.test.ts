import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../../test/sources.ts';
import { Matrix } from '../../matrix.ts';
import { Random } from '../../random.ts';
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
    const { model, candidates, best, reason } = await selectGaussianMixture(X, {
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
    expect(candidates).toHaveLength(8);
    expect(candidates.map(({ nComponents }) => nComponents)).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
    const sign = criterion === 'heldOut' ? -1 : 1;
    expect(sign * best[criterion]).toBe(Math.min(...candidates.map((line) => sign * line[criterion])));
    expect(reason).toContain(best[criterion].toFixed(criterion === 'heldOut' ? 4 : 1));
  });

  it('says of the winner what the model says', async () => {
    const { model, best, reason, candidates } = await selectGaussianMixture(X, {
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
    const next = candidates.filter((line) => line !== best).sort((a, b) => a.bic - b.bic)[0]!;
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
    const { best, candidates, reason } = await selectGaussianMixture(flat, {
      nComponents: [1, 2],
      covarianceTypes: ['full', 'spherical'],
      regCovar: 0,
    });
    expect(candidates.map(({ failure }) => failure === undefined)).toEqual([false, true, false, true]);
    expect(candidates[0]!.failure).toContain('component 0 (weight 1) collapsed');
    expect(candidates[0]!.bic).toBeNaN();
    expect(best.covarianceType).toBe('spherical');
    expect(reason).toContain('2 could not be fitted.');
    const copies = await selectGaussianMixture([[0], [0], [1], [1]], { nComponents: [1, 3] });
    expect(copies.candidates.at(-1)!.failure).toBe('X has fewer than 3 distinct rows');
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
    const where = 'selectGaussianMixture: nComponents';
    const expected = 'a list of numbers of components or { from, to }';
    await refused({}, `${where} is required: ${expected}`);
    await refused({ nComponents: 3 }, `${where} must be ${expected}; got 3`);
    const range = 'integers in [1, the rows of X = 600]';
    for (const [nComponents, got] of [
      [[0], '0'],
      [[1, 601], '601'],
      [[1.5], '1.5'],
      [[], 'none'],
    ])
      await refused({ nComponents }, `${where} must be ${range}; got ${got}`);
    await refused(
      { nComponents: { from: 3, to: 2 } },
      `${where} must be { from, to } with from ≤ to, ${range}; got { from: 3, to: 2 }`,
    );
    await refused(
      { nComponents: [2], sampleWeight: Float64Array.from({ length: 600 }, (_, i) => (i ? 0 : 1)) },
      `${where} must be integers in [1, the rows of positive weight = 1]; got 2`,
    );
    await refused({ nComponents: [1], sampleWeight: [1] }, 'sampleWeight has 1 entries but X has 600 rows');
    await refused(
      { nComponents: [1], missing: 'drop' },
      'selectGaussianMixture: missing must be "observed"; got "drop"',
    );
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

  it('refuses a source and sparse rows, by name', async () => {
    await expect(selectGaussianMixture(sourceOf(X, 50) as never, { nComponents: [1] })).rejects.toThrow(
      'selectGaussianMixture: X is a source, and selectGaussianMixture needs all rows in memory',
    );
    const sparse = { data: [1], indices: [1], indptr: [0, 1], shape: [1, 2] };
    await expect(selectGaussianMixture(sparse as never, { nComponents: [1] })).rejects.toThrow(
      'selectGaussianMixture: X is a sparse matrix, and selectGaussianMixture takes dense rows',
    );
  });

  it('takes the numbers of components as a list or a range, in order', async () => {
    const options = { covarianceTypes: ['spherical'] as const };
    const range = await selectGaussianMixture(X, { ...options, nComponents: { from: 2, to: 4 } });
    const list = await selectGaussianMixture(X, { ...options, nComponents: [4, 2, 3, 2] });
    expect(range).toEqual(list);
    expect(range.candidates.map(({ nComponents }) => nComponents)).toEqual([2, 3, 4]);
    expect(range.candidates).toContain(range.best);
    expect(Object.keys(range)).toEqual(['model', 'best', 'candidates', 'criterion', 'reason']);
  });

  it('counts a row of weight 3 as three copies and one of weight 0 not at all, in every criterion', async () => {
    const small = clouds(150, 4);
    const sampleWeight = Int32Array.from({ length: 150 }, (_, i) => (i * 7) % 4);
    const copies = small.take(Array.from({ length: 150 }, (_, i) => Array((i * 7) % 4).fill(i)).flat());
    const options = { nComponents: [1], tol: 1e-9 }; // one component, which needs no luck to be found again
    const weighted = await selectGaussianMixture(small, { ...options, sampleWeight });
    const whole = await selectGaussianMixture(copies, options);
    expect(weighted.best.covarianceType).toBe(whole.best.covarianceType);
    weighted.candidates.forEach((candidate, at) => {
      for (const figure of ['score', 'bic', 'aic', 'icl'] as const)
        expect(candidate[figure]).toBeCloseTo(whole.candidates[at]![figure], 7);
    });
    const held = await selectGaussianMixture(small, { ...options, sampleWeight, criterion: 'heldOut' });
    const scaled = await selectGaussianMixture(small, {
      ...options,
      sampleWeight: sampleWeight.map((weight) => 8 * weight),
      criterion: 'heldOut',
    });
    expect(scaled.candidates.map(({ heldOut }) => heldOut)).toEqual(
      held.candidates.map(({ heldOut }) => expect.closeTo(heldOut, 9)),
    );
  });

  it('finds the clouds again where entries are missing, by every criterion', async () => {
    const random = new Random(6);
    const holes = new Matrix(
      X.data.map((value) => (random.uniform() < 0.15 ? NaN : value)),
      X.rows,
      2,
    );
    for (const criterion of ['bic', 'aic', 'icl', 'heldOut'] as const) {
      const { best, model } = await selectGaussianMixture(holes, {
        nComponents: [1, 2, 3],
        covarianceTypes: ['spherical'],
        missing: 'observed',
        criterion,
        nInit: 2,
      });
      expect(best.nComponents).toBe(3);
      expect(model.missing).toBe('observed');
      if (criterion === 'bic') expect(best.bic).toBe(model.bic(holes));
    }
    await expect(selectGaussianMixture(holes, { nComponents: [1] })).rejects.toThrow(
      /^selectGaussianMixture: X: row \d+, column \d is NaN/,
    );
    const unknown = [
      [1, NaN],
      [2, NaN],
    ];
    await expect(selectGaussianMixture(unknown, { nComponents: [1], missing: 'observed' })).rejects.toThrow(
      'selectGaussianMixture: column 1 of X has no observed entry of positive weight; leave it out',
    );
  });
});
