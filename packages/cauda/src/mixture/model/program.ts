import type { Precision } from '../../kernels/kernels.ts';
import { type Part, partStart } from '../../parallel/parts.ts';
import type { Program } from '../../parallel/program.ts';
import { CompleteRows } from './completeRows.ts';
import type { Evaluation } from './evaluation.ts';
import type { Evaluator, Rows } from './evaluator.ts';
import { IncompleteRows } from './incompleteRows.ts';

/** What the program's threads know from the start. */
export interface MixtureRowsConfig {
  readonly evaluation: Evaluation;
  readonly precision: Precision;
  /** Whether some row, here or in another thread, lacks entries. */
  readonly incomplete: boolean;
}

/** What is evaluated, a part at a time. */
export type MixtureRowsSteps = {
  scores: { params: Part; result: Float64Array };
  labels: { params: Part; result: Int32Array };
  probabilities: { params: Part; result: Float64Array };
};

/** Evaluates rows by a fitted mixture. */
export const mixtureRowsProgram: Program<MixtureRowsConfig, Rows, MixtureRowsSteps> = {
  name: 'mixtureRows',
  open(kernels, { evaluation, precision, incomplete }) {
    const evaluator: Evaluator = incomplete
      ? new IncompleteRows(evaluation)
      : new CompleteRows(kernels, precision, evaluation);
    return {
      load: ({ data, n, d }) => ({ data: data.slice(), rows: n, cols: d }),
      steps: {
        scores: (part) => (rows) => evaluator.scores(partOf(rows, part)),
        labels: (part) => (rows) => evaluator.labels(partOf(rows, part)),
        probabilities: (part) => (rows) => evaluator.probabilities(partOf(rows, part)),
      },
    };
  },
};

/** Part `part` of the rows, as a view. */
export function partOf({ data, rows, cols }: Rows, { part, parts }: Part): Rows {
  const from = partStart(rows, { part, parts });
  const to = partStart(rows, { part: part + 1, parts });
  return { data: data.subarray(from * cols, to * cols), rows: to - from, cols };
}
