/** A line of a table, with cells of the given widths, aligned right or, where the width is negative, left. */
export function row(cells: readonly (string | number)[], widths: readonly number[]): string {
  return `  ${cells
    .map((cell, i) => {
      const width = widths[i]!;
      return width < 0 ? String(cell).padEnd(-width) : String(cell).padStart(width);
    })
    .join('  ')}`.trimEnd();
}
