import { Command } from "commander";
import { diagnoseCommand, diagnoseFlags } from "./commands/diagnose-command.js";
import { downloadCommand, downloadFlags } from "./commands/download/download-command.js";
import { buildTensorflowCommand, buildTorchCommand, enginesCommand } from "./commands/engines-command.js";
import { estimatePriorCommand, estimatePriorFlags } from "./commands/estimate-prior-command.js";
import { evaluateCommand, evaluateFlags } from "./commands/evaluate/evaluate-command.js";
import { inferCommand, inferFlags } from "./commands/infer/infer-command.js";
import { prepareCommand, prepareFlags } from "./commands/prepare-command.js";
import { scenesCommand, scenesFlags } from "./commands/scenes-command.js";
import { simulateCommand, simulateFlags } from "./commands/simulate-command.js";
import { trainCommand } from "./commands/train/train-command.js";
import type { Context } from "./context.js";
import { addFlags, type Flag } from "./flags/flag.js";
import { dataFlags, trainFlags } from "./flags/train-flags.js";

/** Makes the context once the flags are known: quiet or not is one of them. */
export type ContextOf = (options: { quiet?: boolean }) => Context;

/** The `csl` command with all its subcommands. */
export function createProgram(contextOf: ContextOf): Command {
  const program = new Command("csl").description(
    "Multi-label classification with partial annotations: Class-aware Selective Loss (arXiv 2110.10955).",
  );
  // The flags' table decides what the options hold; each command states it as the type of its parameter.
  const add = <T extends object>(
    name: string,
    description: string,
    flags: readonly Flag[],
    run: (options: T, context: Context) => Promise<unknown>,
  ): void => {
    addFlags(program.command(name).description(description), flags).action(async (options: T) => {
      await run(options, contextOf(options));
    });
  };
  add(
    "simulate",
    "thin out full labels: FPC, RPS and other schemes, seeded and saved",
    simulateFlags,
    simulateCommand,
  );
  add(
    "diagnose",
    "look at labels: what is annotated, what is wrong, which mode to train in",
    diagnoseFlags,
    diagnoseCommand,
  );
  add(
    "train",
    "train on COCO, OpenImages, LVIS or label files of your own; flags and defaults of the reference",
    [...dataFlags, ...trainFlags],
    trainCommand,
  );
  add(
    "estimate-prior",
    "mean prediction of the temporary model on the training images",
    [...dataFlags, ...estimatePriorFlags],
    estimatePriorCommand,
  );
  add(
    "evaluate",
    "metrics of a checkpoint, over annotated entries only",
    [...dataFlags, ...evaluateFlags],
    evaluateCommand,
  );
  add(
    "download",
    "fetch OpenImages' label files, archives, or the images of OpenImages, LVIS or COCO; continues where it stopped",
    downloadFlags,
    downloadCommand,
  );
  add(
    "prepare",
    "make images into shards of small JPEGs; continues where it stopped",
    prepareFlags,
    prepareCommand,
  );
  addFlags(program.command("scenes <folder>").description("draw the embedded image set"), scenesFlags).action(
    async (folder, options) => scenesCommand(folder, options, contextOf(options)),
  );
  addFlags(program.command("infer [images...]").description("tag images"), inferFlags).action(
    async (images, options) => inferCommand(images, options, contextOf(options)),
  );
  const engines = program.command("engines").description("list the engines of this machine");
  engines.action(async () => enginesCommand(contextOf({})));
  engines
    .command("build-tensorflow")
    .description("build the tfjs-node binding against the TensorFlow of a Python wheel")
    .option("--python <path>", "the Python that has tensorflow or tensorflow-cpu")
    .option("--tensorflow <folder>", "the wheel's tensorflow folder itself")
    .action(async (options) => buildTensorflowCommand(options, contextOf({})));
  engines
    .command("build-torch")
    .description("compile the torch engine's binding against the libtorch of this machine")
    .action(async () => buildTorchCommand(contextOf({})));
  return program;
}
