import { buildTensorflow, buildTorch, formatEngines, listEngines } from "@csl/engine";
import type { Context } from "../context.js";

/** `csl engines`: what this machine can compute on, and how to get the next faster engine. */
export async function enginesCommand({ terminal }: Context): Promise<void> {
  terminal.print(formatEngines(await listEngines(), { asked: process.env.CSL_ENGINE }));
}

interface BuildTensorflowOptions {
  python?: string;
  tensorflow?: string;
}

/** `csl engines build-tensorflow`: the tfjs-node binding on the TensorFlow of a Python wheel. */
export async function buildTensorflowCommand(
  options: BuildTensorflowOptions,
  { terminal }: Context,
): Promise<void> {
  const { path, version } = await buildTensorflow({ ...options, log: (line) => terminal.info(line) });
  terminal.print(`tfjs-node on TensorFlow ${version}: ${path}`);
}

/** `csl engines build-torch`: compiles the torch engine's binding now, instead of at its first use. */
export async function buildTorchCommand({ terminal }: Context): Promise<void> {
  const { path, version } = await buildTorch({ log: (line) => terminal.info(line) });
  terminal.print(`torch on libtorch ${version}: ${path}`);
}
