import type { EvaluationRow, Figures } from 'cauda/ood';
import type { Protocol, ProtocolRun } from './problem.ts';

/** The mean and the extremes of a figure over splits and seeds. */
export interface Range {
  readonly mean: number;
  readonly lowest: number;
  readonly highest: number;
}

/** The figures of one detector on one set of a protocol, over all its splits and seeds. */
export interface Summary extends Figures<Range> {
  readonly protocol: Protocol;
  /** The name of the set. */
  readonly ood: string;
  readonly detector: string;
  /** How many runs there were. */
  readonly runs: number;
}

/**
 * Summarizes the tables of several runs.
 * @returns a row for each set and detector, in the order in which they first come
 */
export function summarize(runs: readonly ProtocolRun[]): Summary[] {
  const groups = new Map<string, { protocol: Protocol; rows: EvaluationRow[] }>();
  for (const { protocol, evaluation } of runs)
    for (const row of evaluation.rows) {
      const key = JSON.stringify([protocol, row.ood, row.detector]);
      if (!groups.has(key)) groups.set(key, { protocol, rows: [] });
      groups.get(key)!.rows.push(row);
    }
  return Array.from(groups.values(), ({ protocol, rows }) => {
    const { ood, detector } = rows[0]!;
    const range = (figure: keyof Figures<unknown>) => rangeOf(rows.map((row) => row[figure].value));
    return {
      protocol,
      ood,
      detector,
      runs: rows.length,
      auroc: range('auroc'),
      auprIn: range('auprIn'),
      auprOut: range('auprOut'),
      fpr95PositiveId: range('fpr95PositiveId'),
      fpr95PositiveOod: range('fpr95PositiveOod'),
      detectionError: range('detectionError'),
    };
  });
}

function rangeOf(values: readonly number[]): Range {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, lowest: Math.min(...values), highest: Math.max(...values) };
}
