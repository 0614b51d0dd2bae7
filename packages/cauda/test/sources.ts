import type { FloatArray, Matrix } from '../src/index.ts';

interface CountedSource {
  rows: number;
  cols: number;
  /** Passes that were begun, and those of them that were ended. */
  begun: number;
  ended: number;
  read(): AsyncGenerator<{ data: FloatArray; shape: number[] }, void, void>;
}

/** X as a source of blocks of `size` rows, or of the sizes that come round. */
export function sourceOf(X: Matrix, ...sizes: number[]): CountedSource {
  const source: CountedSource = {
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
