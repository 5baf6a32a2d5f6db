/**
 * `JSON.parse` that also reads the NaN, Infinity and -Infinity that Python's json writes: as null, so that they count as
 * absent where a field may be absent, and are an error about the field where not.
 *
 * @throws SyntaxError as `JSON.parse`.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const finite = withoutNonFinite(text);
    if (finite === text) throw error;
    return JSON.parse(finite);
  }
}

/** With null for every such number outside of texts. */
function withoutNonFinite(text: string): string {
  const parts: string[] = [];
  let done = 0;
  const next = /"|-?\b(?:NaN|Infinity)\b/g;
  for (let match = next.exec(text); match; match = next.exec(text)) {
    if (match[0] === '"') {
      next.lastIndex = endOfText(text, next.lastIndex);
      continue;
    }
    parts.push(text.slice(done, match.index), "null");
    done = next.lastIndex;
  }
  return parts.length === 0 ? text : parts.join("") + text.slice(done);
}

/** Behind the quote that ends the text which begins at `at`. */
function endOfText(text: string, at: number): number {
  for (let i = at; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i + 1;
  }
  return text.length;
}
