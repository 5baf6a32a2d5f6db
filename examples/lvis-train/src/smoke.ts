import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type Csl,
  expectLearned,
  expectThat,
  interruptedTraining,
  miniature,
  twoPhases,
} from "@csl/example-two-phase";
import { exportLvis } from "@csl/scenes";

/**
 * All steps on a drawn set in LVIS's own files: annotations/lvis_v1_train.json without file names, verified
 * negatives, images in train2017/. One image is deleted: the run must report it and continue without it.
 */
export async function smoke(csl: Csl, configs: { ignore: string; csl: string }): Promise<void> {
  const { out, scenes, training } = await miniature("lvis");
  const folder = join(out, "lvis");
  const { splits } = await exportLvis(scenes, { folder, images: true });
  expectThat(splits.train === join(folder, "annotations", "lvis_v1_train.json"), "LVIS's file names");
  await rm(join(folder, "train2017", "000000000007.jpg"));

  const data = { data: folder };
  await csl("What the labels are like.", ["diagnose"], data);
  await twoPhases(
    csl,
    { out, data, training: { ...training, "prior-threshold": 0.7, "likelihood-topk": 1 }, configs },
    { trainTemporary: (flags) => interruptedTraining(csl, flags, { steps: 20 }) },
  );
  await expectLearned(join(out, "csl"), { aboveChance: 0.06, groupedProtocol: "lvis" });
}
