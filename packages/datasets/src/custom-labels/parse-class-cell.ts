/** The class ids that a cell lists. */
export interface ClassCell {
  ids: string[];
  /** What stood for "no value": `nan`, `None`. */
  noValue?: string;
}

/** Whether a class id is known; undefined where classes are those that appear. */
export type IsClass = ((id: string) => boolean) | undefined;

/** How programs write "no value": pandas, Python, R, databases. */
const NO_VALUES = new Set(["nan", "-nan", "null", "none", "na", "n/a", "<na>", "#n/a", "nat"]);

const isNoValue = (text: string, isClass: IsClass): boolean =>
  NO_VALUES.has(text.toLowerCase()) && !isClass?.(text);

/**
 * The class ids in a cell of CSV, or in a text of JSONL: `cat;dog`, `cat|dog`; and as programs write lists:
 * `['cat', 'dog']` (Python), `["cat", "dog"]` (JSON), `('cat', 'dog')`, `{'cat', 'dog'}`, `['cat' 'dog']` (NumPy).
 * A text that is the id of a known class is that class, whatever signs it has.
 *
 * @returns why it is not clear which classes are meant, as a text: `cat,dog` may be one class or two.
 */
export function parseClassCell(cell: string, isClass: IsClass): ClassCell | string {
  const text = cell.trim();
  if (text === "") return { ids: [] };
  if (isClass?.(text)) return { ids: [text] };
  if (isNoValue(text, isClass)) return { ids: [], noValue: text };
  if (/^[[({]|^(set|frozenset|list|tuple|array)\(/.test(text)) return parseBrackets(text, isClass);
  const ids: string[] = [];
  let noValue: string | undefined;
  for (const entry of text.split(/[;|]/).map((part) => part.trim())) {
    if (entry === "") continue;
    if (isNoValue(entry, isClass)) noValue = entry;
    else if (isClass?.(entry)) ids.push(entry);
    else if (/^(["']).*\1$/s.test(entry)) {
      const quoted = tokens(entry);
      if (!quoted?.every(({ isQuoted }) => isQuoted)) return `misplaced quotes in ${entry}`;
      ids.push(...quoted.map((token) => token.text.trim()));
    } else if (entry.includes(",")) {
      const parts = entry.split(",").map((part) => part.trim());
      if (!isClass || !parts.every(isClass)) return `${entry} may be one class or ${parts.length}`;
      ids.push(...parts);
    } else ids.push(entry);
  }
  return { ids: ids.filter((id) => id !== ""), ...(noValue !== undefined && { noValue }) };
}

/** Items of a JSON list: each is one class, as it is. */
export function parseClassItems(items: readonly unknown[], isClass: IsClass): ClassCell | string {
  const ids: string[] = [];
  let noValue: string | undefined;
  for (const item of items) {
    const text = item === null ? "null" : String(item).trim();
    if (isClass?.(text)) ids.push(text);
    else if (isNoValue(text, isClass)) noValue = text;
    else if (/^[[({]\s*["']/.test(text)) return `${text} is a list within the list`;
    else if (text !== "") ids.push(text);
  }
  return { ids, ...(noValue !== undefined && { noValue }) };
}

const CLOSING: Readonly<Record<string, string>> = { "[": "]", "(": ")", "{": "}" };

function parseBrackets(text: string, isClass: IsClass): ClassCell | string {
  const unclear = `expected a list like cat;dog or ['cat', 'dog'], got ${text}`;
  if (/^(set|list|tuple)\(\)$/.test(text)) return { ids: [] };
  if (CLOSING[text[0]!] !== text.at(-1)) return unclear;
  const found = tokens(text.slice(1, -1));
  if (!found) return unclear;
  const ids: string[] = [];
  let noValue: string | undefined;
  for (const { text: id, isQuoted } of found) {
    if (!isQuoted && isNoValue(id, isClass)) noValue = id;
    // A word alone in brackets may be a class of that name; numbers with a point are ids that became measures.
    else if (
      !isQuoted &&
      !isClass?.(id) &&
      (/^[\d.]*\.\d*$/.test(id) || (found.length === 1 && !/^\d+$/.test(id)))
    )
      return unclear;
    else if (id.trim() !== "") ids.push(id.trim());
  }
  return { ids, ...(noValue !== undefined && { noValue }) };
}

interface Token {
  text: string;
  isQuoted: boolean;
}

/** Quoted texts and words, separated by commas; quoted texts or whole numbers alone, by blanks as well. Undefined for anything else. */
function tokens(list: string): Token[] | undefined {
  const found: Token[] = [];
  const token =
    /\s*(?:[ub]?'((?:[^'\\]|\\.)*)'|[ub]?"((?:[^"\\]|\\.)*)"|([^,'"[\](){}:;|\s](?:[^,'"[\](){}:;|]*[^,'"[\](){}:;|\s])?))\s*(,|$|(?=["']))/sy;
  while (token.lastIndex < list.length) {
    if (list.slice(token.lastIndex).trim() === "") break;
    const match = token.exec(list);
    if (!match) return undefined;
    const [, single, double, word, comma] = match;
    const quoted = single ?? double;
    if (quoted !== undefined) found.push({ text: unescaped(quoted), isQuoted: true });
    else if (/^\d+(\s+\d+)+$/.test(word!))
      found.push(...word!.split(/\s+/).map((text) => ({ text, isQuoted: false })));
    else if (/\s/.test(word!) && !list.includes(",")) return undefined;
    else found.push({ text: word!, isQuoted: false });
    // Between quoted texts a blank is enough, as NumPy writes.
    if (comma === "" && token.lastIndex < list.length && quoted === undefined) return undefined;
  }
  return found;
}

/** Escapes of Python and JSON. */
function unescaped(text: string): string {
  return text.replace(
    /\\(?:u([\da-f]{4})|x([\da-f]{2})|(.))/gis,
    (_, four?: string, two?: string, sign?: string) => {
      const code = four ?? two;
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
      return { n: "\n", t: "\t", r: "\r" }[sign!] ?? sign!;
    },
  );
}
