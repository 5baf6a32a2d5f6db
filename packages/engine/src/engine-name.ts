/**
 * The engines, fastest first: the order in which {@link startEngine} tries them.
 * `torch-cuda` and `torch` are @csl/tfjs-backend-torch on a GPU and on the CPU.
 */
export const engineNames = ["torch-cuda", "tfjs-node-gpu", "torch", "tfjs-node", "wasm", "cpu"] as const;

export type EngineName = (typeof engineNames)[number];

/** Throws, naming `speaker` and every engine there is, unless `name` is one of them. */
export function assertEngineName(name: string, speaker: string): asserts name is EngineName {
  if ((engineNames as readonly string[]).includes(name)) return;
  throw new Error(
    `${speaker}: expected one of ${engineNames.join(", ")}, got "${name}". ` +
      "`listEngines()` (or `csl engines`) tells which of them this machine has.",
  );
}
