import { figuresTable, fpr95Legend, nameWidth } from '../text/figuresTable.ts';
import { fixed, percent, plural } from '../text/format.ts';
import { row } from '../text/row.ts';
import { corruptionKinds, severities } from './corrupt.ts';
import { corruptionName } from './corruptedDigits.ts';
import type { Protocol } from './problem.ts';
import type { ProtocolResult } from './runProtocols.ts';
import type { Summary } from './summary.ts';

const legend = [
  'AUROC: mean, lowest and highest over splits and seeds (by severity, only the mean).',
  ...fpr95Legend,
];

/** The lines that a terminal shows of a result: a table for each protocol. */
export function table(result: ProtocolResult): string[] {
  const protocols = [...new Set(result.summary.map(({ protocol }) => protocol))];
  return [...protocols.flatMap((protocol) => section(result, protocol)), ...legend];
}

function section({ runs, summary }: ProtocolResult, protocol: Protocol): string[] {
  const accuracies = runs.filter((run) => run.protocol === protocol).map(({ accuracy }) => accuracy);
  const accuracy = accuracies.reduce((sum, share) => sum + share, 0) / accuracies.length;
  const rows = summary.filter((row) => row.protocol === protocol);
  const networks = plural(accuracies.length, 'network');
  const graded = protocol === 'corrupted digits';
  return [
    `${protocol}${graded ? ', AUROC by severity' : ''}: ${networks}, accuracy ${percent(accuracy)}`,
    ...(graded ? bySeverity(rows) : ranges(rows)),
    '',
  ];
}

function ranges(rows: readonly Summary[]): string[] {
  return figuresTable(
    ['lowest', 'highest'],
    rows.map(({ detector, auroc, fpr95PositiveId, fpr95PositiveOod }) => ({
      detector,
      auroc: [auroc.mean, auroc.lowest, auroc.highest],
      accepted: fpr95PositiveId.mean,
      flagged: fpr95PositiveOod.mean,
    })),
  );
}

function bySeverity(rows: readonly Summary[]): string[] {
  const detectors = [...new Set(rows.map(({ detector }) => detector))];
  const widths = [-8, -nameWidth(detectors), ...severities.map(() => 6)];
  const mean = (ood: string, detector: string) =>
    rows.find((row) => row.ood === ood && row.detector === detector)?.auroc.mean;
  return [
    row(['', '', ...severities], widths),
    ...corruptionKinds.flatMap((kind) =>
      detectors.map((detector, d) =>
        row(
          [
            d === 0 ? kind : '',
            detector,
            ...severities.map((severity) => fixed(mean(corruptionName(kind, severity), detector), 4)),
          ],
          widths,
        ),
      ),
    ),
  ];
}
