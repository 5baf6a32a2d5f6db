/**
 * Characters that a terminal obeys instead of showing them: the control characters (with those above 0x7f, which stand for
 * ESC and another character), line separators, marks of direction, which let text read otherwise than it is, and tags.
 */
const commands =
  /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/**
 * A text from a file (a class's name, an image's path) as one line that is safe to show: every character that a terminal
 * would obey is written out, as in JSON (ESC is \u001b), so that JSON stays JSON.
 */
export function printable(text: string): string {
  return text.replace(commands, written);
}

/** The same for text of several lines, whose line ends and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(commands, (character) =>
    character === "\n" || character === "\t" ? character : written(character),
  );
}

function written(character: string): string {
  return Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`,
  ).join("");
}
