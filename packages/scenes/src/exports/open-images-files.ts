/** One image with its verified labels as MIDs. */
export interface OpenImagesImage {
  readonly id: string;
  readonly imageId: number;
  readonly split: "train" | "validation" | "test";
  readonly positives: readonly string[];
  readonly negatives: readonly string[];
  /** Labels of a simulated machine: MID and confidence in tenths. */
  readonly machine: readonly (readonly [mid: string, tenths: number])[];
}

/** Names of the files: `plain`, or those of OpenImages V6. */
export type OpenImagesRelease = "plain" | "v6";

type Split = "train" | "validation" | "test";

interface FileNames {
  labels(split: Split): string;
  machineLabels(split: Split): string;
  images(split: Split): string;
  classDescriptions: string;
  trainableClasses: string;
}

const v6 = (split: Split): string => (split === "train" ? "oidv6-train" : split);

/** V6 keeps V5's files of validation and test, and V5's machine labels. */
export const openImagesNames: Record<OpenImagesRelease, FileNames> = {
  plain: {
    labels: (split) => `${split}-annotations-human-imagelabels.csv`,
    machineLabels: (split) => `${split}-annotations-machine-imagelabels.csv`,
    images: (split) => `${split}-images-with-labels-with-rotation.csv`,
    classDescriptions: "class-descriptions.csv",
    trainableClasses: "classes-trainable.txt",
  },
  v6: {
    labels: (split) => `${v6(split)}-annotations-human-imagelabels.csv`,
    machineLabels: (split) => `${split}-annotations-machine-imagelabels.csv`,
    images: (split) =>
      split === "train"
        ? `${v6(split)}-images-with-labels-with-rotation.csv`
        : `${split}-images-with-rotation.csv`,
    classDescriptions: "oidv6-class-descriptions.csv",
    trainableClasses: "oidv6-classes-trainable.txt",
  },
};

export interface OpenImagesFilesOptions {
  classes: readonly { mid: string; name: string }[];
  size: number;
  trainableFrom: number;
  release: OpenImagesRelease;
}

/**
 * The text files of an OpenImages folder: file name → content. `splits` holds the images of train, validation
 * and test, each in the order of their ids.
 */
export function openImagesFiles(
  splits: readonly (readonly OpenImagesImage[])[],
  { classes, size, trainableFrom, release }: OpenImagesFilesOptions,
): Map<string, string> {
  const files = new Map<string, string>();
  const names = openImagesNames[release];
  for (const [i, split] of (["train", "validation", "test"] as const).entries()) {
    files.set(names.labels(split), labelsCsv(splits[i]!));
    files.set(names.machineLabels(split), machineLabelsCsv(splits[i]!));
    files.set(names.images(split), imagesCsv(splits[i]!, size));
  }
  const sorted = [...classes].sort((a, b) => (a.mid < b.mid ? -1 : 1));
  files.set(
    names.classDescriptions,
    lines(["LabelName,DisplayName", ...sorted.map(({ mid, name }) => `${mid},${quote(name)}`)]),
  );
  const positives = (mid: string): number =>
    splits[0]!.filter((image) => image.positives.includes(mid)).length;
  files.set(
    names.trainableClasses,
    lines(sorted.filter(({ mid }) => positives(mid) >= trainableFrom).map(({ mid }) => mid)),
  );
  files.set("data.csv", dataCsv([...splits[0]!, ...splits[1]!]));
  return files;
}

/** Rows of an image are together and sorted by class. Confidence 1: verified present; 0: verified absent. */
function labelsCsv(images: readonly OpenImagesImage[]): string {
  const rows = images.flatMap(({ id, positives, negatives }) => {
    const labels = [
      ...positives.map((mid) => [mid, 1] as const),
      ...negatives.map((mid) => [mid, 0] as const),
    ];
    return labels
      .sort((a, b) => (a[0] < b[0] ? -1 : 1))
      .map(([mid, confidence], i) => `${id},${sources[(i + id.charCodeAt(0)) % 3]},${mid},${confidence}`);
  });
  return lines(["ImageID,Source,LabelName,Confidence", ...rows]);
}

/** Confidences in steps of a tenth, 0.5 and above mostly: a machine lists what it sees, not what is absent. */
function machineLabelsCsv(images: readonly OpenImagesImage[]): string {
  const rows = images.flatMap(({ id, machine }) =>
    [...machine]
      .sort((a, b) => (a[0] < b[0] ? -1 : 1))
      .map(([mid, tenths]) => `${id},machine,${mid},${(tenths / 10).toFixed(1)}`),
  );
  return lines(["ImageID,Source,LabelName,Confidence", ...rows]);
}

/** Two of three labels come from the in-house annotators, as most of OpenImages' do. */
const sources = ["verification", "verification", "crowdsource-verification"];

/** OpenImages' twelve columns; titles hold commas and quotes, as the real ones do. */
function imagesCsv(images: readonly OpenImagesImage[], size: number): string {
  const header =
    "ImageID,Subset,OriginalURL,OriginalLandingURL,License,AuthorProfileURL,Author,Title,OriginalSize,OriginalMD5,Thumbnail300KURL,Rotation";
  const rows = images.map(({ id, imageId, split }) =>
    [
      id,
      split,
      `http://images.invalid/${id}.jpg`,
      "",
      "",
      "",
      "@csl/scenes",
      quote(`Scene ${imageId}, "${split}"`),
      size * size * 3,
      "",
      "",
      "0.0",
    ].join(","),
  );
  return lines([header, ...rows]);
}

/** path, Python list of positives, Python list of negatives, train | val. */
function dataCsv(images: readonly OpenImagesImage[]): string {
  const list = (mids: readonly string[]): string => quote(`[${mids.map((mid) => `'${mid}'`).join(", ")}]`);
  const rows = images.map(({ id, split, positives, negatives }) =>
    [`${split}/${id}.jpg`, list(positives), list(negatives), split === "train" ? "train" : "val"].join(","),
  );
  return lines(["path,positives,negatives,split", ...rows]);
}

/** RFC 4180: quoted when it must be. */
function quote(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function lines(rows: readonly string[]): string {
  return rows.map((row) => `${row}\n`).join("");
}
