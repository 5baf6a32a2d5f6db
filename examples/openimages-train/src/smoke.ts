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
import { exportOpenImages, openImagesId } from "@csl/scenes";

/**
 * All steps on a drawn set in OpenImages' own files: oidv6-…-imagelabels.csv.gz, class descriptions, trainable
 * classes, image lists; images prepared into shards first. One image is deleted: the run must report it and continue.
 */
export async function smoke(csl: Csl, configs: { ignore: string; csl: string }): Promise<void> {
  const { out, scenes, training } = await miniature("openimages");
  const folder = join(out, "openimages");
  const { splits } = await exportOpenImages(scenes, { folder, release: "v6", gzip: true });
  expectThat(
    splits.train.labels.endsWith("oidv6-train-annotations-human-imagelabels.csv.gz"),
    "V6's file names",
  );
  await rm(join(splits.train.images, `${openImagesId(7)}.jpg`));

  await csl("What the labels are like.", ["diagnose"], { data: folder });
  const shards = join(out, "shards");
  await rm(shards, { recursive: true, force: true });
  for (const split of ["train", "validation", "test"]) {
    await csl(`Make shards of small images: ${split}.`, ["prepare"], {
      data: folder,
      split,
      out: shards,
      "short-edge": 48,
      "shard-samples": 400,
    });
  }
  await twoPhases(
    csl,
    {
      out,
      data: { data: folder, images: shards },
      training: { ...training, "prior-threshold": 0.7, "likelihood-topk": 1 },
      configs,
    },
    { trainTemporary: (flags) => interruptedTraining(csl, flags, { steps: 20 }) },
  );
  await expectLearned(join(out, "csl"), { aboveChance: 0.06, groupedProtocol: "openimages-v3" });
}
