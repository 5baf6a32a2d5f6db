/**
 * The texts of a Python list literal, `['/m/01', "/m/02"]`: single or double quotes, escapes of quotes and backslashes,
 * a trailing comma. Nothing is evaluated. `[]` and an empty field are no texts.
 *
 * @returns the texts; for anything else what was expected and what was found, as a text.
 */
export function parsePythonList(literal: string): string[] | string {
  const text = literal.trim();
  if (text === "") return [];
  const wrong = (at: number): string =>
    `expected a list like ['/m/01', '/m/02'], got ${JSON.stringify(text.slice(Math.max(0, at - 10), at + 20))}`;
  if (!text.startsWith("[") || !text.endsWith("]")) return wrong(0);
  const found: string[] = [];
  // A text, or the end; then a comma, or the end.
  const entry = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(,|\])/sy;
  entry.lastIndex = 1;
  while (!/^\s*\]$/.test(text.slice(entry.lastIndex))) {
    const at = entry.lastIndex;
    const match = entry.exec(text);
    if (!match) return wrong(at);
    found.push((match[1] ?? match[2]!).replace(/\\(.)/gs, "$1").trim());
    if (match[3] === "]") {
      if (entry.lastIndex !== text.length) return wrong(entry.lastIndex - 1);
      return found;
    }
  }
  return found;
}
