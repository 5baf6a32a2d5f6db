/** A part's place in the time of a whole run. */
export interface Share {
  /** Seconds of a run of `fullRun` seconds that are kept for it. */
  share: number;
}

/**
 * The second of a run at which a part is stopped. What the parts after it are kept is never touched; what those before it left
 * over is its own. So no part can take another's time, and the last one takes all that is left.
 */
export function deadlineOf(parts: readonly Share[], index: number, budget: number): number {
  const sum = (list: readonly Share[]): number => list.reduce((total, { share }) => total + share, 0);
  return budget * (1 - sum(parts.slice(index + 1)) / sum(parts));
}
