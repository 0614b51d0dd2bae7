import { fixed } from './format.ts';
import { row } from './row.ts';

/** The figures of one detector. */
export interface DetectorFigures {
  readonly detector: string;
  /** The AUROC and its two bounds, which the headings of the table name. */
  readonly auroc: readonly [value: number, low: number, high: number];
  /** FPR95 with the familiar rows as positives, and with the others as positives. */
  readonly accepted: number;
  readonly flagged: number;
}

/** Lines that say what the last two columns of the table mean. */
export const fpr95Legend: readonly string[] = [
  'FPR95 in two conventions:',
  'accepted, the share of the others accepted at the threshold that accepts 95 % of the familiar;',
  'flagged, the share of the familiar flagged at the threshold that flags 95 % of the others.',
];

/** The lines of a table of detectors, for a terminal. */
export function figuresTable(
  bounds: readonly [low: string, high: string],
  rows: readonly DetectorFigures[],
): string[] {
  const widths = [-nameWidth(rows.map(({ detector }) => detector)), 7, 7, 7, 8, 7];
  return [
    row(['', 'AUROC', ...bounds, 'accepted', 'flagged'], widths),
    ...rows.map(({ detector, auroc, accepted, flagged }) =>
      row([detector, ...[...auroc, accepted, flagged].map((figure) => fixed(figure, 4))], widths),
    ),
  ];
}

/** The width of a column with the names of detectors. */
export function nameWidth(detectors: readonly string[]): number {
  return Math.max(8, ...detectors.map(({ length }) => length));
}
