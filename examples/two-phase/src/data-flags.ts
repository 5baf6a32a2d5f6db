import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Flags } from "./csl.js";

/** Flags that every command on a data set takes; the others are for training. */
const names = ["data", "dataset", "images", "on-missing"];

/** The person's flags, told apart. @throws without `--data`. */
export function dataFlags(flags: Flags): { data: Flags; training: Flags } {
  if (flags.data === undefined)
    throw new Error(
      "Expected --data with the folder of the annotations, or --smoke. The README says what it holds.",
    );
  const chosen = (keep: boolean): Flags =>
    Object.fromEntries(Object.entries(flags).filter(([name]) => names.includes(name) === keep));
  return { data: chosen(true), training: chosen(false) };
}

/** `configs/<name>.json` of the example whose `src/main.ts` has this URL. */
export function configFile(mainUrl: string, name: string): string {
  return relative(process.cwd(), join(dirname(dirname(fileURLToPath(mainUrl))), "configs", `${name}.json`));
}
