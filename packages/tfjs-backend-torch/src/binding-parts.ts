import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The parts of the native side, each a binding of its own, compiled when it is first needed. */
export type BindingPart = "engine" | "distributed";

export interface Part {
  /** Where its sources are. */
  folder: string;
  /** Whether they are in folders below, too. */
  nested: boolean;
  /** How its file's name begins. */
  prefix: string;
  /** Its own flags for the compiler. */
  flags: readonly string[];
  /** What it is, and how long it takes, for whoever waits. */
  what: string;
  time: string;
  /** Whether its sources share a header that is compiled once, beforehand. */
  sharesHeader: boolean;
}

/** Where the sources are. */
export const bindingFolder: string = join(dirname(dirname(fileURLToPath(import.meta.url))), "binding");

export const bindingParts: Readonly<Record<BindingPart, Part>> = {
  engine: {
    ...{ folder: bindingFolder, nested: false, prefix: "", flags: [], sharesHeader: true },
    ...{ what: "binding", time: "one to two minutes" },
  },
  // Gloo's headers are in no package of libtorch; the folder declares what c10d's headers name of them.
  distributed: {
    folder: join(bindingFolder, "distributed"),
    nested: true,
    prefix: "distributed-",
    flags: ["-DUSE_C10D_GLOO", `-I${join(bindingFolder, "distributed")}`],
    ...{ what: "binding for several processes", time: "some seconds", sharesHeader: false },
  },
};
