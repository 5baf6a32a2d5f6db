import { join } from "node:path";
import type { Csl, Flags } from "./csl.js";

export interface TwoPhases {
  /** Where checkpoints, prior and reports go. */
  out: string;
  /** Flags that say which labels and images. */
  data: Flags;
  /** Flags of both trainings: network, schedule, engine. */
  training: Flags;
  /** Configuration files of the two trainings. */
  configs: { ignore: string; csl: string };
  /** Split that is scored. Default "val". */
  split?: string;
}

/**
 * The method of the paper on a partially annotated data set: a temporary model that ignores un-annotated labels, the
 * class prior that it predicts, CSL with that prior, and the score under every paper's protocol.
 */
export async function twoPhases(
  csl: Csl,
  { out, data, training, configs, split = "val" }: TwoPhases,
  { trainTemporary }: { trainTemporary?: (flags: Flags) => Promise<void> } = {},
): Promise<void> {
  const at = (...parts: string[]): string => join(out, ...parts);
  const reading: Flags = { ...data, ...pick(training, ["workers", "batch-size", "engine", "precision"]) };
  const temporary: Flags = { config: configs.ignore, ...data, ...training, "path-dest": at("ignore") };
  if (trainTemporary) await trainTemporary(temporary);
  else await csl("Phase 1: the temporary model, un-annotated labels ignored.", ["train"], temporary);
  const prior = at("prior.json");
  await csl("The class prior: its mean prediction on the training images.", ["estimate-prior"], {
    ...reading,
    "model-path": at("ignore", "best.safetensors"),
    out: prior,
    json: at("prior-report.json"),
  });
  await csl("Phase 2: CSL with that prior.", ["train"], {
    config: configs.csl,
    ...data,
    ...training,
    "prior-path": prior,
    "path-dest": at("csl"),
  });
  for (const run of ["ignore", "csl"]) {
    await csl(`Score ${run}: annotated labels only, groups, and every paper's protocol.`, ["evaluate"], {
      ...reading,
      "model-path": at(run, "best.safetensors"),
      split,
      protocols: true,
      "per-class-csv": at(run, "per-class.csv"),
      json: at(run, "evaluation.json"),
    });
  }
}

function pick(flags: Flags, names: readonly string[]): Flags {
  return Object.fromEntries(names.map((name) => [name, flags[name]]));
}
