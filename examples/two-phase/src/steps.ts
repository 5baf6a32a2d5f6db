import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Csl, Flags } from "./csl.js";

/** The commands of an example, one after the other; a repeated example skips what is finished and resumes what is not. */
export interface Steps {
  /** A `csl train`; a run that was stopped or killed is continued from its last checkpoint. */
  training(name: string, why: string, flags: Flags, train?: (flags: Flags) => Promise<void>): Promise<void>;
  /** Another command, which is finished when `outputs` are there. */
  step(name: string, why: string, words: readonly string[], flags: Flags, outputs: string[]): Promise<void>;
}

/** What was done in a folder: `steps.json`. */
type StepsRecord = Record<string, { flags: Record<string, unknown>; finished: boolean }>;

/**
 * @param out the folder of the example, which holds `steps.json` as well.
 * @param options.overwrite begin anew, whatever is there.
 */
export async function openSteps(
  csl: Csl,
  out: string,
  { overwrite }: { overwrite: boolean },
): Promise<Steps> {
  const path = join(out, "steps.json");
  const record = overwrite ? {} : await readRecord(path);

  async function note(name: string, flags: Record<string, unknown>, finished: boolean): Promise<void> {
    record[name] = { flags, finished };
    await mkdir(out, { recursive: true });
    await writeFile(`${path}.new`, `${JSON.stringify(record, null, 2)}\n`);
    await rename(`${path}.new`, path);
  }

  /** Whether it is finished; refuses a repetition with other flags, which would mix two experiments. */
  function isFinished(name: string, flags: Record<string, unknown>): boolean {
    const before = record[name];
    if (!before) return false;
    const differing = Object.keys({ ...before.flags, ...flags }).filter(
      (flag) => JSON.stringify(before.flags[flag]) !== JSON.stringify(flags[flag]),
    );
    if (differing.length > 0)
      throw new Error(
        `Expected the flags that ${join(out, name)} was made with, got other ones: ` +
          `${differing.map((flag) => `--${flag} ${flags[flag]} instead of ${before.flags[flag]}`).join(", ")}. ` +
          "Repeat it with the same, choose another --path-dest, or pass --overwrite to lose what is there.",
      );
    return before.finished;
  }

  return {
    async training(name, why, flags, train = (all) => csl(why, ["train"], all)) {
      const folder = String(flags["path-dest"]);
      const compared = await comparable(flags);
      if (isFinished(name, compared) && (await isThere(join(folder, "best.safetensors"))))
        return skipped(why);
      const begun = record[name] !== undefined;
      await note(name, compared, false);
      const last = join(folder, "last.safetensors");
      if (overwrite) await train({ ...flags, overwrite: true });
      else if (await isThere(last)) await train({ ...flags, resume: last });
      // Killed before its first checkpoint: nothing of it can be continued.
      else await train(begun ? { ...flags, overwrite: true } : flags);
      if (!(await wasStopped(folder))) await note(name, compared, true);
    },
    async step(name, why, words, flags, outputs) {
      const compared = await comparable(flags);
      const there = await Promise.all(outputs.map(isThere));
      if (isFinished(name, compared) && there.every(Boolean)) return skipped(why);
      await csl(why, words, flags);
      await note(name, compared, true);
    },
  };
}

function skipped(why: string): void {
  console.log(`\n${why}\nfinished before, skipped`);
}

/** The flags, with what their configuration file says instead of its name. */
async function comparable(flags: Flags): Promise<Record<string, unknown>> {
  const { config, ...own } = JSON.parse(JSON.stringify(flags)) as Flags;
  return config === undefined ? own : { ...JSON.parse(await readFile(String(config), "utf8")), ...own };
}

async function readRecord(path: string): Promise<StepsRecord> {
  const text = await readFile(path, "utf8").catch(() => "{}");
  return JSON.parse(text) as StepsRecord;
}

/** Whether the training in a folder was stopped before its end. */
async function wasStopped(folder: string): Promise<boolean> {
  const result = JSON.parse(await readFile(join(folder, "result.json"), "utf8")) as { stopped?: string };
  return result.stopped !== undefined && result.stopped !== "patience";
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
