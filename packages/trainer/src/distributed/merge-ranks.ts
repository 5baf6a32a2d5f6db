import type { MetricAccumulator } from "@csl/metrics";
import { broadcastBytes } from "./broadcast-bytes.js";
import type { Collectives } from "./collectives.js";

/** Makes each rank's accumulator hold what all of them held: every rank computes the same metrics, and decides the same. */
export async function mergeRanks(metrics: MetricAccumulator, collectives: Collectives): Promise<void> {
  const states = await collectives.gather(metrics.state());
  if (states) {
    metrics.reset();
    for (const state of states) metrics.merge(state);
  }
  const merged = await broadcastBytes(collectives, states ? metrics.state() : undefined);
  if (states) return;
  metrics.reset();
  metrics.merge(merged);
}
