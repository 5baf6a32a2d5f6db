import { nearMatches } from "@csl/internal/text/near-matches";

/** The flags that an unknown one may mean, in words, or else all of them; `also` are only suggested. */
export function suggestFlags(
  name: string,
  known: readonly string[],
  prefix = "--",
  also: readonly string[] = [],
): string {
  const near = nearMatches(name, [...new Set([...known, ...also])]);
  const list = (near.length > 0 ? near : known).map((flag) => prefix + flag).join(", ");
  return near.length > 0 ? `Did you mean ${list}?` : `Known: ${list}.`;
}
