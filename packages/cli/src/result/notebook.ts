/** The figures of the notebook that the study reproduces. */

/** Training loss of each epoch. */
export const notebookLosses: readonly number[] = [
  1.156, 0.383, 0.312, 0.271, 0.238, 0.21, 0.187, 0.169, 0.153, 0.14,
];

export interface NotebookFit {
  readonly nComponents: number;
  /** Mean log-likelihood of MNIST's and Fashion-MNIST's test sets, in nats. */
  readonly id: number;
  readonly ood: number;
  readonly difference: number;
}

const table: readonly (readonly [number, number, number])[] = [
  [1, -312.93, -357.71],
  [2, -307.32, -357.19],
  [3, -299.99, -353.23],
  [4, -296.15, -356.15],
  [5, -294.26, -353.04],
  [6, -292.45, -360.22],
  [7, -290.7, -364.28],
  [8, -289.04, -366.0],
  [9, -288.09, -362.96],
  [10, -287.02, -362.23],
  [11, -286.09, -364.43],
  [12, -285.5, -363.74],
  [13, -285.12, -360.59],
  [14, -284.44, -362.19],
  [15, -283.78, -348.08],
  [20, -281.29, -346.33],
];

export const notebookFits: readonly NotebookFit[] = table.map(([nComponents, id, ood]) => ({
  nComponents,
  id,
  ood,
  difference: id - ood,
}));

/** The number of components that the notebook's rule chose, the largest difference. */
export const notebookBest = 11;
