import { appendFile, readFile } from "node:fs/promises";

/** A training that is done. */
export interface Line {
  scheme: string;
  name: string;
  seed: number;
  /** The flags that decide the result, but for seed and folder. */
  setting: string;
  /** Best mAP(C) of the validation split, in percent; null where the command refused, since nothing could be learned. */
  mapC: number | null;
  /** Of the model's mean predictions on the training images with the true class frequencies (Spearman). */
  rankCorrelation?: number | undefined;
  /** What was chosen for it, as config.json has it. */
  choices?: unknown;
}

/** Those that an earlier process finished; a line that was cut off is not one. */
export async function finishedLines(path: string): Promise<Line[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.split("\n").flatMap((line): Line[] => {
    try {
      return [JSON.parse(line) as Line];
    } catch {
      return [];
    }
  });
}

export async function appendLine(path: string, line: Line): Promise<void> {
  await appendFile(path, `${JSON.stringify(line)}\n`);
}
