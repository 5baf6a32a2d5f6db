import { stat } from "node:fs/promises";

/** Flags that name what a command reads. */
export interface ReadPaths {
  data?: string;
  modelPath?: string;
  priorPath?: string;
  labels?: string;
  resume?: string;
}

/** Where each comes from, for who has none. */
const waysOut: Record<keyof ReadPaths, [flag: string, kind: string, wayOut: string]> = {
  data: ["--data", "a folder or a label file", "Is the path right? csl scenes FOLDER draws a data set."],
  modelPath: ["--model-path", "a checkpoint", "csl train leaves best.safetensors in its --path-dest."],
  priorPath: ["--prior-path", "a class prior", "Make one with csl estimate-prior."],
  labels: ["--labels", "saved labels", "Make them with csl simulate."],
  resume: ["--resume", "a checkpoint", "csl train leaves last.safetensors in its --path-dest."],
};

/**
 * Looks whether what the flags name is there, before an engine starts or labels are read: a slip of the pen is answered
 * at once.
 *
 * @param command who asks, as errors begin: `csl train`.
 * @throws naming the flag, the path and the way out.
 */
export async function requirePaths(command: string, paths: ReadPaths): Promise<void> {
  for (const [name, [flag, kind, wayOut]] of Object.entries(waysOut)) {
    const path = paths[name as keyof typeof waysOut];
    const found = path === undefined ? undefined : await stat(path).catch(() => undefined);
    if (path === undefined || (found && !(found.isDirectory() && kind === "a checkpoint"))) continue;
    if (found)
      throw new Error(
        `${command}: expected ${flag} to be ${kind}, got ${path}, which is a folder. Name a file in it. ${wayOut}`,
      );
    throw new Error(`${command}: expected ${flag} to be ${kind}, got ${path}, which is not there. ${wayOut}`);
  }
}
