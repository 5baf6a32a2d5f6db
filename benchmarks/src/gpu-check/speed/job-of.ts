import type { Contestant } from "./contestants.js";
import type { Job } from "./job.js";
import { classes, networks, type SpeedCase } from "./speed-cases.js";

/** What a contestant prepares for. */
export function jobOf({ task, network, size, batch }: SpeedCase, contestant: Contestant): Job {
  const { precision, graph = false, channelsLast = false, compile = false } = contestant;
  return {
    ...{ task, shape: networks[network]!, size, batch, classes },
    ...{ precision, graph, channelsLast, compile },
  };
}
