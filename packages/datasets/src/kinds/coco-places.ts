import { join } from "node:path";
import { splitNames } from "./split-files.js";

/** Where the annotations of a split may be, and its images. */
export interface CocoPlace {
  instances: string;
  images: string;
}

/** File names under which tools export annotations in COCO's form, and the folder of the images beside such a file. */
const exports: readonly { file: string; images: string }[] = [
  { file: "_annotations.coco.json", images: "" }, // Roboflow
  { file: "labels.json", images: "data" }, // FiftyOne
];

/** Exports that have no splits: everything is for training. */
const withoutSplit: readonly { file: string; images: string }[] = [
  ...exports,
  { file: "annotations/instances_default.json", images: "images/default" }, // CVAT
  { file: "annotations/instances_default.json", images: "images" },
  { file: "result.json", images: "images" }, // Label Studio
];

/** Files of these names may hold anything: what they hold decides. */
export const cocoExport: RegExp = /^(_annotations\.coco|labels|result)\.json(\.gz)?$/;

/**
 * The layouts that people have: COCO 2014 (as the reference trains on), COCO 2017, names without a year, and what
 * Roboflow, FiftyOne, CVAT and Label Studio export.
 *
 *     annotations/instances_train2014.json  train2014/
 *     annotations/instances_train2017.json  train2017/
 *     annotations/instances_train.json      train/
 *     train/_annotations.coco.json          train/        (valid/, test/)
 *     train/labels.json                     train/data/   (validation/, test/)
 *     labels.json                           data/         (without splits: training)
 *
 * Each may be gzipped.
 */
export function cocoPlaces(folder: string, split: string): CocoPlace[] {
  const names = splitNames(split);
  const places = [
    ...names.flatMap((name) =>
      ["2014", "2017", ""].map((year) => ({
        instances: join(folder, "annotations", `instances_${name}${year}.json`),
        images: join(folder, `${name}${year}`),
      })),
    ),
    ...names.flatMap((name) => exports.map((place) => placeIn(join(folder, name), place))),
    ...(split === "train" ? withoutSplit.map((place) => placeIn(folder, place)) : []),
  ];
  return places.flatMap((place) => [place, { ...place, instances: `${place.instances}.gz` }]);
}

const placeIn = (folder: string, { file, images }: { file: string; images: string }): CocoPlace => ({
  instances: join(folder, file),
  images: join(folder, images),
});
