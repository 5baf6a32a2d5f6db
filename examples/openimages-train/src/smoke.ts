import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Csl, expectLearned, expectThat, miniature, wholeMethod } from "@csl/example-smoke-runs";
import { exportOpenImages, openImagesId } from "@csl/scenes";

/**
 * All steps on a drawn set in OpenImages' own files: oidv6-…-imagelabels.csv.gz, class descriptions, trainable
 * classes, image lists; images prepared into shards first. One image is deleted: the run must report it and continue.
 */
export async function smoke(csl: Csl): Promise<void> {
  const { out, scenes, flags } = await miniature("openimages");
  const folder = join(out, "openimages");
  const { splits } = await exportOpenImages(scenes, { folder, release: "v6", gzip: true });
  expectThat(
    splits.train.labels.endsWith("oidv6-train-annotations-human-imagelabels.csv.gz"),
    "V6's file names",
  );
  await rm(join(splits.train.images, `${openImagesId(7)}.jpg`));

  await csl(["diagnose", "--data", folder]);
  const shards = join(out, "shards");
  await rm(shards, { recursive: true, force: true });
  for (const split of ["train", "validation", "test"])
    await csl([
      ...["prepare", "--data", folder, "--split", split, "--out", shards],
      ...["--short-edge", "48", "--shard-samples", "400"],
    ]);
  const run = join(out, "run");
  await wholeMethod(csl, ["openimages", "--data", folder, "--images", shards, ...flags], run);
  await expectLearned(join(run, "csl"), { aboveChance: 0.06, groupedProtocol: "openimages-v3" });
}
