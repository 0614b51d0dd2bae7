import type { Matrix, MatrixSource } from '../src/index.ts';

/** X as a source of blocks of `size` rows, or of the sizes that come round; it counts its passes and what became of them. */
export function sourceOf(X: Matrix, ...sizes: number[]): MatrixSource & { begun: number; ended: number } {
  const source = {
    rows: X.rows,
    cols: X.cols,
    begun: 0,
    ended: 0,
    async *read() {
      source.begun++;
      try {
        for (let from = 0, turn = 0; from < X.rows; turn++) {
          const to = Math.min(X.rows, from + sizes[turn % sizes.length]!);
          yield { data: X.data.slice(from * X.cols, to * X.cols), shape: [to - from, X.cols] };
          from = to;
        }
      } finally {
        source.ended++;
      }
    },
  };
  return source;
}
