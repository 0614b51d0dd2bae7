import { beforeAll, describe, expect, test } from 'vitest';
import { Matrix } from '../src/index.ts';
import { readNpy } from '../src/io/index.ts';
import * as ood from '../src/ood/index.ts';
import { aupr, auroc, type Detector, fprAtTpr } from '../src/ood/index.ts';
import cases from './fixtures/oracles/ood/scores.json' with { type: 'json' };

/** fixtures/oracles/README.md: every published detector on the activations of an MLP, in Node and in Chromium. */
type Split = 'train' | 'id' | 'ood';
type Layer = 'logit' | 'pre' | 'post';
const splits: Split[] = ['train', 'id', 'ood'];

async function npy(name: string): Promise<ReturnType<typeof readNpy>> {
  const url = new URL(`./fixtures/oracles/ood/${name}.npy`, import.meta.url);
  if (url.protocol === 'file:') return readNpy(await (await import('node:fs/promises')).readFile(url));
  return readNpy(await (await fetch(url)).arrayBuffer());
}

const rows = {} as Record<Layer, Record<Split, Matrix>>;
let labels: Int32Array;
let head: ood.Head;

beforeAll(async () => {
  const layer = async (name: string): Promise<Record<Split, Matrix>> =>
    Object.fromEntries(
      await Promise.all(
        splits.map(async (split) => [split, Matrix.from(await npy(`${name}_${split}`))] as const),
      ),
    ) as Record<Split, Matrix>;
  rows.logit = await layer('logit');
  rows.pre = await layer('pre');
  rows.post = Object.fromEntries(
    Object.entries(rows.pre).map(([split, { data, shape }]) => [
      split,
      Matrix.from({ data: data.map((value) => Math.max(0, value)), shape }),
    ]),
  ) as Record<Split, Matrix>;
  labels = Int32Array.from((await npy('labels_train')).data);
  const [weights, bias] = [await npy('W'), await npy('b')];
  head = { weights, bias: bias.data };
});

/** The detector that each of the oracle's names means, fitted on the layer's training rows. */
const fits: Record<string, (features: Matrix) => Detector | Promise<Detector>> = {
  maxSoftmax: () => ood.maxSoftmax(),
  maxLogit: () => ood.maxLogit(),
  energy: () => ood.energy(),
  entropy: () => ood.entropy(),
  generalizedEntropy: () => ood.generalizedEntropy(),
  klMatching: (logits) => ood.klMatching({ logits }),
  mahalanobis: (features) => ood.mahalanobis({ features, labels }),
  relativeMahalanobis: (features) => ood.relativeMahalanobis({ features, labels }),
  classGaussians: (features) => ood.classGaussians({ features, labels }),
  'knn k=1 raw': (features) => ood.knn({ features }),
  'knn k=50 normalised': (features) => ood.knn({ features }, { k: 50, normalize: true }),
  'residual d=16': (features) => ood.residual({ features, head }, { dim: 16 }),
  'vim d=16': (features) => ood.vim({ features, head }, { dim: 16 }),
  she: (features) => ood.she({ features, head, labels }),
  'react p90': (features) => ood.react({ features, head }),
  fdbd: (features) => ood.fdbd({ features, head }),
  nci: (features) => ood.nci({ features, head }),
};

describe.each(['float64', 'float32'] as const)('in %s', (dtype) => {
  const tolerance = dtype === 'float64' ? 1e-9 : 1e-4;
  const typed = ({ data, shape }: Matrix): Matrix =>
    dtype === 'float32'
      ? Matrix.from({ data, shape })
      : Matrix.from({ data: Float64Array.from(data), shape });

  test.each(cases.cases.map((c) => [`${c.detector} on ${c.layer}`, c] as const))('%s', async (_, c) => {
    const layer = c.layer as Layer;
    const detector = await fits[c.detector]!(typed(rows[layer].train));
    const score = (split: Split): Float64Array => {
      const X = typed(rows[layer][split]);
      return detector.score(layer === 'logit' ? { logits: X } : { features: X });
    };
    const id = score('id');
    const out = score('ood');
    expect(worstRelative(id.subarray(0, 20), c.scores_id_head20)).toBeLessThan(tolerance);
    expect(worstRelative(out.subarray(0, 20), c.scores_ood_head20)).toBeLessThan(tolerance);
    expect(worstRelative([mean(id), mean(out)], [c.mean_id, c.mean_ood])).toBeLessThan(tolerance);
    const within = {
      AUROC: auroc(id, out),
      AUPR_IN: aupr(id, out, { positive: 'id' }),
      AUPR_OUT: aupr(id, out, { positive: 'ood' }),
      FPR95_ood_positive: fprAtTpr(id, out, { positive: 'ood' }),
      FPR95_id_positive: fprAtTpr(id, out, { positive: 'id' }),
    };
    for (const [name, value] of Object.entries(within))
      expect(Math.abs(value - c.metrics[name as keyof typeof within]), name).toBeLessThan(1.01e-4);
  });
});

/** The largest |a − b| / |b|, where |b| below 1e-3 of the largest counts as that. */
function worstRelative(a: ArrayLike<number>, b: readonly number[]): number {
  const scale = 1e-3 * Math.max(...b.map(Math.abs));
  return Math.max(...b.map((value, i) => Math.abs(a[i]! - value) / Math.max(scale, Math.abs(value))));
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
