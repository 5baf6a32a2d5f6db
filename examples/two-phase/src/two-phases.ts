import { join } from "node:path";
import type { Csl, Flags } from "./csl.js";
import { openSteps } from "./steps.js";

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
  /** Whether the first training drops labels by itself, which the second one then has to see as well. Default false. */
  simulated?: boolean;
}

/**
 * The method of the paper on a partially annotated data set: a temporary model that ignores un-annotated labels, the
 * class prior that it predicts, CSL with that prior, and the score under every paper's protocol. Repeated, it skips what
 * is finished and resumes what is not; `--overwrite` among the flags of training begins anew.
 */
export async function twoPhases(
  csl: Csl,
  { out, data, training: { overwrite, ...training }, configs, split = "val", simulated = false }: TwoPhases,
  { trainTemporary }: { trainTemporary?: (flags: Flags) => Promise<void> } = {},
): Promise<void> {
  const at = (...parts: string[]): string => join(out, ...parts);
  const steps = await openSteps(csl, out, { overwrite: overwrite !== undefined });
  const reading: Flags = { ...data, ...pick(training, ["workers", "batch-size", "engine", "precision"]) };
  await steps.training(
    "ignore",
    "Phase 1: the temporary model, un-annotated labels ignored.",
    {
      config: configs.ignore,
      ...data,
      ...training,
      "partial-loss-mode": "ignore",
      "path-dest": at("ignore"),
    },
    trainTemporary,
  );
  const prior = at("prior.json");
  const report = at("prior-report.json");
  await steps.step(
    "prior",
    "The class prior: its mean prediction on the training images.",
    ["estimate-prior"],
    { ...reading, "model-path": at("ignore", "best.safetensors"), out: prior, json: report },
    [prior, report],
  );
  await steps.training("csl", "Phase 2: CSL with that prior.", {
    config: configs.csl,
    ...data,
    ...training,
    "partial-loss-mode": "selective",
    "prior-path": prior,
    ...(simulated && { labels: at("ignore", "labels") }),
    "path-dest": at("csl"),
  });
  for (const run of ["ignore", "csl"]) {
    const [json, csv] = [at(run, "evaluation.json"), at(run, "evaluation-per-class.csv")];
    await steps.step(
      `${run}-evaluation`,
      `Score ${run}: annotated labels only, groups, and every paper's protocol.`,
      ["evaluate"],
      {
        ...reading,
        "model-path": at(run, "best.safetensors"),
        split,
        protocols: true,
        "per-class-csv": csv,
        json,
      },
      [json, csv],
    );
  }
}

function pick(flags: Flags, names: readonly string[]): Flags {
  return Object.fromEntries(names.map((name) => [name, flags[name]]));
}
