/** Cells in columns of the given widths: right-aligned, or left-aligned where the width is negative. */
export function row(cells: readonly (string | number)[], widths: readonly number[]): string {
  return `  ${cells
    .map((cell, i) => {
      const width = widths[i]!;
      return width < 0 ? String(cell).padEnd(-width) : String(cell).padStart(width);
    })
    .join('  ')}`.trimEnd();
}
