/** sum += weight × (x − origin), in float64. */
export function addRow(
  sum: Float64Array,
  x: ArrayLike<number>,
  origin: ArrayLike<number>,
  weight: number,
): void {
  for (let j = 0; j < x.length; j++) sum[j]! += weight * (x[j]! - origin[j]!);
}

/** Σ (x − origin) and Σ (x − origin)² of each column of n rows, in float64. */
export function columnMoments(
  x: ArrayLike<number>,
  d: number,
  origin: ArrayLike<number>,
): { sum: number[]; square: number[] } {
  const sum = new Array<number>(d).fill(0);
  const square = new Array<number>(d).fill(0);
  for (let i = 0; i < x.length; i++) {
    const difference = x[i]! - origin[i % d]!;
    sum[i % d]! += difference;
    square[i % d]! += difference * difference;
  }
  return { sum, square };
}
