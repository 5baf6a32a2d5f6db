import { CslError } from "@csl/internal/errors/csl-error";

/** More names than this come from a typing error. */
const MAX_NAMES = 1_000_000;

/**
 * The names that a brace list stands for, as a shell expands it: `x-{000000..000554}.tar` (leading zeros are kept),
 * `{train,val}-{0..3}.tar`. A name without braces stands for itself.
 *
 * @throws on a brace that is not closed, an empty one, or more than a million names
 */
export function braceList(pattern: string): string[] {
  const open = pattern.indexOf("{");
  if (open < 0) return [pattern];
  const close = pattern.indexOf("}", open);
  const inside = pattern.slice(open + 1, close);
  if (close < 0 || inside.includes("{")) {
    throw new CslError(
      "invalid-argument",
      `openShards: expected braces like {000000..000554} or {a,b}, got ${pattern}.`,
    );
  }
  const rests = braceList(pattern.slice(close + 1));
  const head = pattern.slice(0, open);
  const choices = alternatives(inside, pattern);
  if (choices.length * rests.length > MAX_NAMES) {
    throw new CslError(
      "invalid-argument",
      `openShards: expected a list of at most ${MAX_NAMES} shards, got more from ${pattern}.`,
    );
  }
  return choices.flatMap((choice) => rests.map((rest) => head + choice + rest));
}

function alternatives(inside: string, pattern: string): string[] {
  const range = /^(\d+)\.\.(\d+)$/.exec(inside);
  if (!range) {
    const choices = inside.split(",");
    if (choices.length < 2) {
      throw new CslError(
        "invalid-argument",
        `openShards: expected {first..last} or {a,b}, got {${inside}} in ${pattern}.`,
      );
    }
    return choices;
  }
  const [, first, last] = range as unknown as [string, string, string];
  const [from, to] = [Number(first), Number(last)];
  if (Math.abs(to - from) >= MAX_NAMES) {
    throw new CslError(
      "invalid-argument",
      `openShards: expected a list of at most ${MAX_NAMES} shards, got more from ${pattern}.`,
    );
  }
  // As in bash: when either end has a leading zero, all names are as wide as the wider one.
  const padded = /^0\d/.test(first) || /^0\d/.test(last);
  const width = padded ? Math.max(first.length, last.length) : 0;
  const step = from <= to ? 1 : -1;
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, i) =>
    String(from + i * step).padStart(width, "0"),
  );
}
