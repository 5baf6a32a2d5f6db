import type { Ranks } from "./ranks.js";

/** Of worker threads of a machine, those of one of its processes. */
export const workersOf = (workers: number, ranks: Pick<Ranks, "localSize"> | undefined): number =>
  workers === 0 ? 0 : Math.max(1, Math.floor(workers / (ranks?.localSize ?? 1)));
