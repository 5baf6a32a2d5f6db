import { buildTensorflow, buildTorch, formatEngines, listEngines } from "@csl/engine";
import { defineCommand } from "../flags/command.js";
import { file, folder, toggle } from "../flags/flag.js";
import { showWaiting } from "../terminal/progress.js";

/** `csl engines`: what this machine can compute on, and how to get the next faster engine. */
export const enginesCommand = defineCommand({
  name: "engines",
  summary: "list the engines of this machine",
  flags: {},
  async run(_, { terminal }) {
    terminal.print(formatEngines(await listEngines(), { asked: process.env.CSL_ENGINE }));
  },
});

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
