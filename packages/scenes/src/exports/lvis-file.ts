import type { CocoAnnotation, CocoInstances } from "../coco-instances.js";
import { type AnnotatedShare, verifiedLabels } from "./verified-labels.js";

/** LVIS v1's annotation file, as far as it goes for scenes. */
export interface LvisFile {
  info: object;
  licenses: object[];
  images: LvisImage[];
  annotations: LvisAnnotation[];
  categories: LvisCategory[];
}

interface LvisImage {
  id: number;
  width: number;
  height: number;
  license: number;
  flickr_url: string;
  coco_url: string;
  date_captured: string;
  neg_category_ids: number[];
  not_exhaustive_category_ids: number[];
}

interface LvisAnnotation {
  id: number;
  image_id: number;
  category_id: number;
  area: number;
  bbox: [number, number, number, number];
  segmentation: number[][];
}

interface LvisCategory {
  id: number;
  name: string;
  synset: string;
  synonyms: string[];
  def: string;
  /** Of its images in this file: r(are) up to 10, c(ommon) up to 100, f(requent) above. */
  frequency: "r" | "c" | "f";
  image_count: number;
  instance_count: number;
}

interface LvisFileOptions {
  /** The last two parts of an image's coco_url. */
  imagePath: (image: { id: number; file_name: string }) => string;
  annotatedShare: AnnotatedShare;
  seed: number;
}

/**
 * One split in LVIS form. A class verified present keeps its annotations; of a class seen twice or more, the last
 * one is left out in every image with an odd id, which then lists the class as not exhaustive. Category ids are
 * 1..n in alphabetical order. Synsets are `<name>.n.01`, not looked up in WordNet.
 */
export function lvisFile(
  truth: CocoInstances,
  { imagePath, annotatedShare, seed }: LvisFileOptions,
): LvisFile {
  const sorted = truth.categories
    .map(({ id, name }) => ({ id, name: name.replaceAll(" ", "_") }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const lvisId = new Map(sorted.map(({ id }, i) => [id, i + 1]));
  const byImage = groupByImage(truth.annotations);
  const annotations: LvisAnnotation[] = [];
  const images = verifiedLabels(truth, { annotatedShare, seed }).map(
    ({ imageId, positives, negatives }, i) => {
      const notExhaustive: number[] = [];
      for (const position of positives) {
        const category = truth.categories[position]!.id;
        const instances = (byImage.get(imageId) ?? []).filter((a) => a.category_id === category);
        if (instances.length > 1 && imageId % 2 === 1) {
          instances.pop();
          notExhaustive.push(lvisId.get(category)!);
        }
        annotations.push(...instances.map((a) => toLvis(a, lvisId.get(category)!)));
      }
      const image = truth.images[i]!;
      const { width, height, license } = image;
      return {
        id: imageId,
        width,
        height,
        license,
        flickr_url: "",
        coco_url: `http://images.invalid/${imagePath(image)}`,
        date_captured: "",
        neg_category_ids: negatives.map((position) => lvisId.get(truth.categories[position]!.id)!),
        not_exhaustive_category_ids: notExhaustive,
      };
    },
  );
  const categories = sorted.map(({ name }, i) => toCategory(i + 1, name, annotations));
  return { info: truth.info, licenses: truth.licenses, images, annotations, categories };
}

function toLvis(
  { id, image_id, area, bbox, segmentation }: CocoAnnotation,
  category_id: number,
): LvisAnnotation {
  return { id, image_id, category_id, area, bbox, segmentation };
}

function toCategory(id: number, name: string, annotations: readonly LvisAnnotation[]): LvisCategory {
  const own = annotations.filter(({ category_id }) => category_id === id);
  const image_count = new Set(own.map(({ image_id }) => image_id)).size;
  return {
    id,
    name,
    synset: `${name}.n.01`,
    synonyms: [name],
    def: "",
    frequency: image_count <= 10 ? "r" : image_count <= 100 ? "c" : "f",
    image_count,
    instance_count: own.length,
  };
}

function groupByImage(annotations: readonly CocoAnnotation[]): Map<number, CocoAnnotation[]> {
  const groups = new Map<number, CocoAnnotation[]>();
  for (const annotation of annotations) {
    const group = groups.get(annotation.image_id);
    if (group) group.push(annotation);
    else groups.set(annotation.image_id, [annotation]);
  }
  return groups;
}
