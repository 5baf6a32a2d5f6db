/** The up to `count` candidates that a mistyped `word` most likely meant, best first; [] when none is close. */
export function nearMatches(
  word: string,
  candidates: readonly string[],
  { count = 3 }: { count?: number } = {},
): string[] {
  const wanted = word.toLowerCase();
  const limit = Math.max(1, Math.floor(word.length / 3));
  return candidates
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase(), limit) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

/**
 * Optimal string alignment distance: Levenshtein's, with two neighbouring letters in swapped order as one edit, since that
 * is a frequent typing error. Any number above `limit` once it is known to exceed it.
 */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : replaced;
      next.push(Math.min(replaced, swapped, row[j]! + 1, next[j - 1]! + 1));
    }
    // A swap reaches two rows back, so both must be beyond the limit.
    if (Math.min(...row, ...next) > limit) return limit + 1;
    [before, row] = [row, next];
  }
  return row[b.length]!;
}
