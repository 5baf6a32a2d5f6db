import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Csl, expectLearned, expectThat, miniature, wholeMethod } from "@csl/example-smoke-runs";
import { exportLvis } from "@csl/scenes";

/**
 * All steps on a drawn set in LVIS's own files: annotations/lvis_v1_train.json without file names, verified
 * negatives, images in train2017/. One image is deleted: the run must report it and continue without it.
 */
export async function smoke(csl: Csl): Promise<void> {
  const { out, scenes, flags } = await miniature("lvis");
  const folder = join(out, "lvis");
  const { splits } = await exportLvis(scenes, { folder, images: true });
  expectThat(splits.train === join(folder, "annotations", "lvis_v1_train.json"), "LVIS's file names");
  await rm(join(folder, "train2017", "000000000007.jpg"));

  await csl(["diagnose", "--data", folder]);
  const run = join(out, "run");
  await wholeMethod(csl, ["lvis", "--data", folder, ...flags], run);
  await expectLearned(join(run, "csl"), { aboveChance: 0.06, groupedProtocol: "lvis" });
}
