/** What a loader has done so far, over all its epochs. */
export type LoaderStats = {
  batches: number;
  images: number;
  /** Images that could not be read. */
  unreadable: number;
  /** Milliseconds that the consumer waited for a batch. */
  waitedMs: number;
  /** Milliseconds that the consumer spent between batches. Waited share = waitedMs / (waitedMs + busyMs). */
  busyMs: number;
  /** Worker threads that ended by themselves and were replaced, in words. */
  incidents: readonly string[];
};
