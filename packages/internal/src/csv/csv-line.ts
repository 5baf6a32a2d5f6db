/** What a spreadsheet takes for a formula: also with white space before it, and in full width. */
const formula = /^[\s']*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * A row of a CSV file (RFC 4180) that a person may open in a spreadsheet. A text that would be run as a formula there gets
 * an apostrophe before it, by which spreadsheets know text; numbers stay. `cellText` takes it off again.
 */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map((cell) => quoted(String(cell))).join(",")}\n`;
}

/** The text that was given to `csvLine`. */
export function cellText(cell: string): string {
  return cell.startsWith("'") && isFormula(cell.slice(1)) ? cell.slice(1) : cell;
}

function isFormula(text: string): boolean {
  return formula.test(text) && !number.test(text);
}

function quoted(text: string): string {
  const safe = isFormula(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
