import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { trainLine } from "../losses/train-line.js";
import type { SceneFeatures } from "./body-features.js";

/** mAP(C) on the validation scenes, in percent, of a small network that `csl train` trains on these labels in its default mode. */
export async function trainOnLabels(
  labels: Int8Array,
  { train, val }: { train: SceneFeatures; val: SceneFeatures },
  { folder, flags }: { folder: string; flags: readonly string[] },
): Promise<number> {
  const data = join(folder, "labels");
  await mkdir(data, { recursive: true });
  await writeFile(join(data, "classes.txt"), `${train.classIds.join("\n")}\n`);
  await writeFile(join(data, "train.jsonl"), rows(train, labels));
  await writeFile(join(data, "val.jsonl"), rows(val, val.labels));
  return trainLine(["--data", data, ...flags], join(folder, "run"));
}

function rows({ paths, classIds, numClasses }: SceneFeatures, labels: Int8Array): string {
  return paths
    .map((path, sample) => {
      const having = (label: number): string[] =>
        classIds.filter((_, c) => labels[sample * numClasses + c] === label);
      return `${JSON.stringify({ path, positives: having(1), negatives: having(0) })}\n`;
    })
    .join("");
}
