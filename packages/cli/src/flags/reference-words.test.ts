import { describe, expect, it } from "vitest";
import { inferCommand } from "../commands/infer/infer-command.js";
import { trainCommand } from "../commands/train/train-command.js";
import { unusedTrainFlags } from "../commands/train/train-flags.js";
import { createTerminal } from "../terminal/terminal.js";
import { flagName, rowsOf } from "./flag.js";
import { readFlags } from "./read-flags.js";
import { tellUnused } from "./shared-flags.js";

/** The flags that the reference's parsers have, as they are written there. */
const words = {
  infer: [
    ...["--dataset_type", "--model_name", "--model_path", "--pic_path", "--input_size"],
    ...["--class_description_path", "--th", "--top_k"],
  ],
  train: [
    ...[
      "--data",
      "--metadata",
      "--lr",
      "--num-classes",
      "--model-name",
      "--model-path",
      "--workers",
      "--epochs",
    ],
    ...[
      "--image-size",
      "--batch-size",
      "--print-freq",
      "--path-dest",
      "--debug_mode",
      "--stop_epoch",
      "--weight_decay",
    ],
    ...["--simulate_partial_type", "--simulate_partial_param"],
    ...["--partial_loss_mode", "--clip", "--gamma_pos", "--gamma_neg", "--gamma_unann", "--alpha_pos"],
    ...["--alpha_neg", "--alpha_unann", "--likelihood_topk", "--prior_path", "--prior_threshold"],
  ],
};

describe.each([
  [inferCommand, words.infer],
  [trainCommand, words.train],
] as const)("csl $name", (command, given) => {
  it.each(given)("takes the reference's %s", (word) => {
    const known = rowsOf(command.flags).map(([name]) => name);
    expect(known).toContain(flagName(word.slice(2)));
  });
});

it("says in a line that a flag of the reference decides nothing, and what does; else nothing", async () => {
  let written = "";
  const terminal = createTerminal({ write: () => {} }, { write: (text: string) => (written += text) });
  const table = { "Words of the reference": unusedTrainFlags };
  tellUnused(unusedTrainFlags, await readFlags("csl train", table, { "print-freq": "100" }), terminal);
  expect(written).toBe(
    "--print-freq is not used: progress is shown all the time, and log.jsonl has every step\n",
  );
  written = "";
  tellUnused(unusedTrainFlags, await readFlags("csl train", table, {}), terminal);
  expect(written).toBe("");
});
