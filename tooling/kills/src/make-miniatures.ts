import { readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { exportLvis, exportOpenImages, type SceneSet } from "@csl/scenes";

/** Drawn images and labels as each of the presets of `csl run` expects them, by preset: what `--data` names. */
export async function makeMiniatures(set: SceneSet, base: string): Promise<Record<string, string>> {
  const lvis = await exportLvis(set, { folder: join(base, "lvis"), images: true });
  const openimages = await exportOpenImages(set, {
    folder: join(base, "openimages"),
    release: "v6",
    gzip: true,
    trainableFrom: 2,
  });
  return {
    own: await writeLabels(set, base),
    openimages: openimages.folder,
    lvis: lvis.folder,
    "coco-rps": set.folder,
  };
}

/** Labels as a person keeps them: `path,positives,negatives,split`, every second absent class known to be absent. */
async function writeLabels({ splits, classes }: SceneSet, base: string): Promise<string> {
  const lines = ["path,positives,negatives,split"];
  for (const split of ["train", "val"] as const) {
    const { images, annotations } = JSON.parse(await readFile(splits[split].instances, "utf8")) as {
      images: { id: number; file_name: string }[];
      annotations: { image_id: number; category_id: number }[];
    };
    for (const [number, { id, file_name }] of images.entries()) {
      const present = new Set(
        annotations.filter(({ image_id }) => image_id === id).map(({ category_id }) => String(category_id)),
      );
      const named = (keep: (id: string, index: number) => boolean) =>
        classes
          .filter(({ id }, index) => keep(id, index))
          .map(({ name }) => name)
          .join(";");
      const path = relative(base, join(splits[split].images, file_name));
      const positives = named((id) => present.has(id));
      const negatives = named((id, index) => !present.has(id) && (index + number) % 2 === 0);
      lines.push([path, positives, negatives, split].join(","));
    }
  }
  const path = join(base, "labels.csv");
  await writeFile(path, `${lines.join("\n")}\n`);
  return path;
}
