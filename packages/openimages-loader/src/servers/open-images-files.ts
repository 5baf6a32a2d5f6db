/** Where OpenImages publishes its label files. */
export const OPEN_IMAGES_FILES = "https://storage.googleapis.com/openimages";

/**
 * What a file is for: `labels` are verified by people, `machine` are generated, `boxable` are the verified ones of the
 * 600 classes with boxes; `images` lists images with their original addresses, checksums and rotation.
 */
export type OpenImagesFileKind =
  | "classes"
  | "trainable"
  | "hierarchy"
  | "labels"
  | "machine"
  | "boxable"
  | "images";

export type OpenImagesFile = {
  kind: OpenImagesFileKind;
  split?: "train" | "validation" | "test";
  /** Below `OPEN_IMAGES_FILES`. */
  key: string;
  /** Rough size in MB, where known. */
  megabytes?: number;
};

const hierarchy: OpenImagesFile = { kind: "hierarchy", key: "2018_04/bbox_labels_600_hierarchy.json" };

const imageLists: readonly OpenImagesFile[] = [
  {
    kind: "images",
    split: "validation",
    key: "2018_04/validation/validation-images-with-rotation.csv",
    megabytes: 15,
  },
  { kind: "images", split: "test", key: "2018_04/test/test-images-with-rotation.csv", megabytes: 45 },
];

/** The images of train that the public bucket has. The list of all nine million (2.7 GB) serves other sources. */
const boxableTrain: OpenImagesFile = {
  kind: "images",
  split: "train",
  key: "2018_04/train/train-images-boxable-with-rotation.csv",
  megabytes: 638,
};

const v5Heldout: readonly OpenImagesFile[] = [
  { kind: "labels", split: "validation", key: "v5/validation-annotations-human-imagelabels.csv" },
  { kind: "labels", split: "test", key: "v5/test-annotations-human-imagelabels.csv" },
];

const v5Extra: readonly OpenImagesFile[] = [
  { kind: "machine", split: "train", key: "v5/train-annotations-machine-imagelabels.csv", megabytes: 7180 },
  {
    kind: "machine",
    split: "validation",
    key: "v5/validation-annotations-machine-imagelabels.csv",
    megabytes: 31,
  },
  { kind: "machine", split: "test", key: "v5/test-annotations-machine-imagelabels.csv", megabytes: 90 },
  {
    kind: "boxable",
    split: "train",
    key: "v5/train-annotations-human-imagelabels-boxable.csv",
    megabytes: 377,
  },
  {
    kind: "boxable",
    split: "validation",
    key: "v5/validation-annotations-human-imagelabels-boxable.csv",
  },
  { kind: "boxable", split: "test", key: "v5/test-annotations-human-imagelabels-boxable.csv" },
];

/**
 * The official label files by release. V3 is published as archives, which `fetchFile` brings as well:
 * `2017_11/{annotations_human,annotations_machine,classes,images}_2017_11.tar.gz`.
 *
 * @see https://storage.googleapis.com/openimages/web/download_v7.html
 */
export const openImagesFiles: Readonly<Record<"v4" | "v5" | "v6" | "v7", readonly OpenImagesFile[]>> = {
  v4: [
    { kind: "classes", key: "2018_04/class-descriptions.csv" },
    hierarchy,
    ...(["train", "validation", "test"] as const).flatMap((split): OpenImagesFile[] => [
      { kind: "labels", split, key: `2018_04/${split}/${split}-annotations-human-imagelabels.csv` },
      { kind: "machine", split, key: `2018_04/${split}/${split}-annotations-machine-imagelabels.csv` },
    ]),
    boxableTrain,
    ...imageLists,
  ],
  v5: [
    { kind: "classes", key: "v5/class-descriptions.csv" },
    hierarchy,
    { kind: "labels", split: "train", key: "v5/train-annotations-human-imagelabels.csv" },
    ...v5Heldout,
    ...v5Extra,
    boxableTrain,
    ...imageLists,
  ],
  v6: [
    { kind: "classes", key: "v6/oidv6-class-descriptions.csv" },
    { kind: "trainable", key: "v6/oidv6-classes-trainable.txt" },
    hierarchy,
    {
      kind: "labels",
      split: "train",
      key: "v6/oidv6-train-annotations-human-imagelabels.csv",
      megabytes: 2500,
    },
    ...v5Heldout,
    ...v5Extra,
    boxableTrain,
    ...imageLists,
  ],
  v7: [
    { kind: "classes", key: "v7/oidv7-class-descriptions.csv" },
    { kind: "trainable", key: "v7/oidv7-classes-trainable.txt" },
    hierarchy,
    {
      kind: "labels",
      split: "train",
      key: "v7/oidv7-train-annotations-human-imagelabels.csv",
      megabytes: 2736,
    },
    {
      kind: "labels",
      split: "validation",
      key: "v7/oidv7-val-annotations-human-imagelabels.csv",
      megabytes: 28,
    },
    {
      kind: "labels",
      split: "test",
      key: "v7/oidv7-test-annotations-human-imagelabels.csv",
      megabytes: 94,
    },
    ...v5Extra,
    boxableTrain,
    ...imageLists,
  ],
};
