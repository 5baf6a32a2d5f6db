import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The parts of the native side, each a binding of its own, compiled when it is first needed. */
export type BindingPart = "engine" | "distributed";

/** Where the sources are. */
export const bindingFolder: string = join(dirname(dirname(fileURLToPath(import.meta.url))), "binding");

/** Of each part: its folder below `bindingFolder`, how its file's name begins, its own flags for the compiler. */
export const bindingParts: Readonly<
  Record<BindingPart, { folder: string; prefix: string; flags: string[] }>
> = {
  engine: { folder: "", prefix: "", flags: [] },
  // Gloo's headers are in no package of libtorch; the folder declares what c10d's headers name of them.
  distributed: {
    folder: "distributed",
    prefix: "distributed-",
    flags: ["-DUSE_C10D_GLOO", `-I${join(bindingFolder, "distributed")}`],
  },
};
