/**
 * Rows as lines of columns, two spaces apart.
 *
 * @param align of each column, "l" or "r"; the last letter stands for the columns after it
 */
export function alignColumns(rows: readonly (readonly string[])[], align: string): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, i) =>
        align.charAt(Math.min(i, align.length - 1)) === "l"
          ? cell.padEnd(widths[i]!)
          : cell.padStart(widths[i]!),
      )
      .join("  ")
      .trimEnd(),
  );
}
