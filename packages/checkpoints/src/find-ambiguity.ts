/**
 * What a JSON text holds that readers understand differently, in words; undefined when there is nothing: a key that
 * comes twice in an object (the first or the last may count), a number that is not written as a whole one (`2.0`, `1e3`,
 * `-0`), half of a surrogate pair. `JSON.parse` accepts all of them.
 *
 * @param text JSON that parses.
 */
export function findAmbiguity(text: string): string | undefined {
  /** The keys of the objects, and undefined for the lists, that are open. */
  const open: (Set<string> | undefined)[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text[at]!;
    if (character === '"') {
      const end = endOfText(text, at);
      const value = JSON.parse(text.slice(at, end)) as string;
      if (/\p{Surrogate}/u.test(value))
        return `half of a surrogate pair in ${JSON.stringify(value.slice(0, 40))}`;
      at = end;
      while (isBlank(text[at])) at++;
      if (text[at] !== ":") continue;
      const keys = open.at(-1)!;
      if (keys.has(value)) return `the key ${JSON.stringify(value.slice(0, 80))} twice`;
      keys.add(value);
    } else if (character === "-" || (character >= "0" && character <= "9")) {
      let end = at + 1;
      while (/[0-9.eE+-]/.test(text[end] ?? "")) end++;
      const number = text.slice(at, end);
      if (!/^\d+$/.test(number)) return `the number ${number.slice(0, 40)}, which is not a whole one`;
      at = end;
    } else {
      if (character === "{") open.push(new Set());
      else if (character === "[") open.push(undefined);
      else if (character === "}" || character === "]") open.pop();
      at++;
    }
  }
  return undefined;
}

/** Behind the closing quote of the text that begins at `start`. */
function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\n" || character === "\r" || character === "\t";
}
