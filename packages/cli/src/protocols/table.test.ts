import type { Figures } from 'cauda/ood';
import { expect, test } from 'vitest';
import { corruptionKinds, severities } from './corrupt.ts';
import type { ProtocolRun } from './problem.ts';
import type { Range, Summary } from './summary.ts';
import { table } from './table.ts';

const range = (mean: number): Range => ({ mean, lowest: mean - 0.01, highest: mean + 0.01 });
const summary = (protocol: Summary['protocol'], ood: string, detector: string, value: number): Summary => {
  const figures: Figures<Range> = {
    auroc: range(value),
    auprIn: range(0),
    auprOut: range(0),
    fpr95PositiveId: range(0.25),
    fpr95PositiveOod: range(0.125),
    detectionError: range(0),
  };
  return { protocol, ood, detector, runs: 2, ...figures };
};
const run = (protocol: Summary['protocol'], accuracy: number) => ({ protocol, accuracy }) as ProtocolRun;

test('the table has a section a protocol, corrupted digits by severity', () => {
  const corrupted = corruptionKinds.flatMap((kind, k) =>
    severities.flatMap((severity) =>
      ['energy', 'a longer name'].map((detector, d) =>
        summary(
          'corrupted digits',
          `${kind} ${severity}`,
          detector,
          0.5 + k / 100 + d / 1000 + severity / 1e4,
        ),
      ),
    ),
  );
  const lines = table({
    runs: [run('unknown digits', 0.97), run('unknown digits', 0.98), run('corrupted digits', 0.9)],
    summary: [summary('unknown digits', 'unknown digits', 'energy', 0.9), ...corrupted],
  });
  expect(`\n${lines.join('\n')}\n`).toMatchInlineSnapshot(`
    "
    unknown digits: 2 networks, accuracy 97.5 %
                  AUROC   lowest  highest  accepted  flagged
      energy     0.9000   0.8900   0.9100    0.2500   0.1250

    corrupted digits, AUROC by severity: 1 network, accuracy 90.0 %
                                    1       2       3       4       5
      noise     energy         0.5001  0.5002  0.5003  0.5004  0.5005
                a longer name  0.5011  0.5012  0.5013  0.5014  0.5015
      inverted  energy         0.5101  0.5102  0.5103  0.5104  0.5105
                a longer name  0.5111  0.5112  0.5113  0.5114  0.5115
      rotated   energy         0.5201  0.5202  0.5203  0.5204  0.5205
                a longer name  0.5211  0.5212  0.5213  0.5214  0.5215
      blurred   energy         0.5301  0.5302  0.5303  0.5304  0.5305
                a longer name  0.5311  0.5312  0.5313  0.5314  0.5315
      occluded  energy         0.5401  0.5402  0.5403  0.5404  0.5405
                a longer name  0.5411  0.5412  0.5413  0.5414  0.5415
      blended   energy         0.5501  0.5502  0.5503  0.5504  0.5505
                a longer name  0.5511  0.5512  0.5513  0.5514  0.5515

    AUROC: mean, lowest and highest over splits and seeds (by severity, only the mean).
    FPR95 in two conventions:
    accepted, the share of the others accepted at the threshold that accepts 95 % of the familiar;
    flagged, the share of the familiar flagged at the threshold that flags 95 % of the others.
    "
  `);
});
