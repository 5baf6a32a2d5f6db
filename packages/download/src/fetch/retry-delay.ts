/**
 * How long to wait before the next attempt, in milliseconds: 0.5 s, doubled after each failure up to 30 s, of which the
 * upper half is random, so that many clients that failed together do not come back together.
 *
 * @param failures attempts that have failed so far, at least 1
 */
export function retryDelay(
  failures: number,
  random: () => number,
  { first = 500, most = 30_000 }: { first?: number; most?: number } = {},
): number {
  const full = Math.min(most, first * 2 ** (failures - 1));
  return full / 2 + (random() * full) / 2;
}

/** Longer than this no server is obeyed, in milliseconds. */
const LONGEST_WAIT = 10 * 60_000;

/** A `Retry-After` header (seconds, or a date) in milliseconds from `now`; undefined when there is none to be read. */
export function retryAfter(header: string | null, now: number): number | undefined {
  if (!header) return undefined;
  const wait = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(wait) ? undefined : Math.min(LONGEST_WAIT, Math.max(0, wait));
}
