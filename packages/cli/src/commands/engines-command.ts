import {
  buildTensorflow,
  buildTorch,
  formatEngines,
  formatMeasurement,
  listEngines,
  measureEngines,
  rememberedMeasurements,
} from "@csl/engine";
import { stepWork } from "../engine/step-work.js";
import type { TimedTraining } from "../engine/training-step.js";
import { trainingStepUrl } from "../engine/training-step-url.js";
import { writeJson } from "../files/write-json.js";
import { type Context, defineCommand } from "../flags/command.js";
import { choice, file, folder, type GroupOptions, integer, toggle } from "../flags/flag.js";
import { imageSide, overwriteFlag, precisions } from "../flags/shared-flags.js";
import { variants } from "../models/variants.js";
import { formats, outputKinds } from "../outputs/output-kinds.js";
import { showWaiting } from "../terminal/progress.js";
import { networks } from "./train/train-flags.js";

const needs = "measure";
/** The quick start's network, which takes seconds; words and meanings are those of `csl train`. */
const measureFlags = {
  measure: toggle(
    "time a training step on each engine of this machine, and take the fastest from now on for networks of about that size",
  ),
  "model-name": choice(...networks, { default: "tresnet_tiny", needs }),
  "image-size": integer("side of the square images", { ...imageSide, default: 64, needs }),
  "batch-size": integer("images per step", { short: "b", default: 32, from: 1, to: 65_536, needs }),
  precision: choice(...precisions, { default: "float32", needs }),
  threads: integer("threads that compute; default: the cores of the machine", { from: 1, to: 1024, needs }),
};

/** `csl engines`: what this machine can compute on, and how to get the next faster engine. */
export const enginesCommand = defineCommand({
  name: "engines",
  summary: "list the engines of this machine, or measure them",
  flags: {
    "Which is the fastest": measureFlags,
    Results: {
      json: file("write the list, or the measurement, as JSON", { writes: outputKinds.engines }),
      overwrite: overwriteFlag,
    },
  },
  async run({ json, ...options }, context) {
    if (options.measure) {
      const measured = await measure(options, context);
      if (json) await writeJson(json, { format: formats.engines, ...measured });
      return;
    }
    const engines = await listEngines();
    const measured = await rememberedMeasurements();
    context.terminal.print(formatEngines(engines, { asked: process.env.CSL_ENGINE, measured }));
    if (json) await writeJson(json, { format: formats.engines, engines, measured });
  },
});

async function measure(
  { modelName, imageSize, batchSize, precision, threads }: GroupOptions<typeof measureFlags>,
  { terminal, signal }: Context,
) {
  const network = { variant: variants[modelName], numClasses: 80 };
  const input: TimedTraining = { network, imageSize, batchSize };
  const measured = await showWaiting(terminal, "measuring", () =>
    measureEngines({
      step: trainingStepUrl,
      input,
      network: `${modelName}, ${imageSize} px, ${batchSize} images a step`,
      work: stepWork(network, input),
      images: batchSize,
      precision,
      ...(threads !== undefined && { threads }),
      log: (line) => terminal.info(line),
      signal,
    }),
  );
  terminal.print(formatMeasurement(measured));
  terminal.info(`kept in ${measured.path}; delete the file to forget what was measured`);
  return measured;
}

/** `csl engines build-tensorflow`: the binding of tfjs-node or tfjs-node-gpu on the TensorFlow of a Python wheel. */
export const buildTensorflowCommand = defineCommand({
  name: "engines build-tensorflow",
  summary: "build the binding of tfjs-node, or of tfjs-node-gpu, against the TensorFlow of a Python wheel",
  flags: {
    "For which engine": {
      gpu: toggle("for tfjs-node-gpu, on a wheel with CUDA: pip install 'tensorflow[and-cuda]'"),
    },
    "Where TensorFlow is": {
      python: file("the Python that has tensorflow or tensorflow-cpu"),
      tensorflow: folder("the wheel's tensorflow folder itself"),
    },
  },
  async run({ gpu, python, tensorflow }, { terminal, signal }) {
    const { path, version } = await showWaiting(terminal, "compiling", () =>
      buildTensorflow({
        gpu,
        ...(python !== undefined && { python }),
        ...(tensorflow !== undefined && { tensorflow }),
        log: (line) => terminal.info(line),
        signal,
      }),
    );
    terminal.print(`${gpu ? "tfjs-node-gpu" : "tfjs-node"} on TensorFlow ${version}: ${path}`);
  },
});

/** `csl engines build-torch`: compiles the torch engine's binding now, instead of at its first use. */
export const buildTorchCommand = defineCommand({
  name: "engines build-torch",
  summary: "compile the torch engine's binding against the libtorch of this machine",
  flags: {},
  async run(_, { terminal, signal }) {
    const { path, version } = await showWaiting(terminal, "compiling", () =>
      buildTorch({ log: (line) => terminal.info(line), signal }),
    );
    terminal.print(`torch on libtorch ${version}: ${path}`);
  },
});
