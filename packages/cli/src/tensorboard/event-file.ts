import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { explainWriteError } from "@csl/internal/files/explain-write-error";
import { scalarsEvent, startEvent, versionEvent } from "./events.js";
import { tfRecord } from "./record.js";

const prefix = "events.out.tfevents.";

/** A file of a run folder that TensorBoard reads while it grows. */
export interface EventFile {
  /** Adds what of a line of the log TensorBoard can draw. */
  add(entry: unknown): Promise<void>;
  close(): Promise<void>;
}

/** By type of line: tags of its numbers. What is no finite number is left out. */
const scalars: Record<string, Record<string, string>> = {
  step: {
    "train/loss_per_image": "lossPerImage",
    "train/learning_rate": "lr",
    "train/gradient_norm": "gradientNorm",
    "train/images_per_second": "imagesPerSecond",
  },
  epoch: { "epoch/loss_per_image": "lossPerImage", "epoch/seconds": "seconds" },
  validation: {
    "validation/mAP_C/raw": "raw.mapC",
    "validation/mAP_C/averaged": "ema.mapC",
    "validation/mAP_O/raw": "raw.mapO",
    "validation/mAP_O/averaged": "ema.mapO",
    "validation/mAP_C/chance": "raw.chance.mapC",
  },
};

/** The numbers of a line of the log by TensorBoard's tags. */
export function scalarsOf(entry: unknown): Record<string, number> {
  const tags = scalars[(entry as { type?: string }).type ?? ""] ?? {};
  const found: Record<string, number> = {};
  for (const [tag, path] of Object.entries(tags)) {
    let value: unknown = entry;
    for (const name of path.split(".")) value = (value as Record<string, unknown> | undefined)?.[name];
    if (typeof value === "number" && Number.isFinite(value)) found[tag] = value;
  }
  return found;
}

/** Files that earlier processes of a run have left, for a run that replaces them. */
export async function removeEventFiles(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [] as string[]);
  for (const name of names) if (name.startsWith(prefix)) await rm(join(folder, name), { force: true });
}

/**
 * Opens a new event file in a run folder. Epochs and validations are drawn at the step that came before them.
 *
 * @param startStep where a run continues
 * @throws CslError `cannot-write` with the way out
 */
export async function openEventFile(
  folder: string,
  { startStep = 0, now = Date.now }: { startStep?: number; now?: () => number } = {},
): Promise<EventFile> {
  const path = join(folder, `${prefix}${Math.floor(now() / 1000)}.csl.${process.pid}`);
  const file = await writing(() => open(path, "a"));
  let step = startStep;
  const time = (): number => now() / 1000;
  const write = (event: Uint8Array): Promise<void> => writing(() => file.appendFile(tfRecord(event)));
  await write(versionEvent(time()));
  await write(startEvent({ step: startStep + 1, time: time() }));
  return {
    async add(entry) {
      const { type, step: at } = entry as { type?: string; step?: number };
      if (type === "step" && at !== undefined) step = at;
      const values = scalarsOf(entry);
      if (Object.keys(values).length > 0) await write(scalarsEvent(values, { step, time: time() }));
    },
    close: () => file.close(),
  };

  async function writing<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw explainWriteError(error, { path, speaker: "csl train" });
    }
  }
}
