import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { readCocoInstances } from "@csl/coco-simulation";
import { classFrequencyGroups, readLvis } from "@csl/lvis-loader";
import { mutateJson } from "../mutate-json.js";
import type { FuzzTarget } from "../target.js";

const coco = {
  images: [
    { id: 1, file_name: "1.jpg", width: 8, height: 8 },
    { id: 2, file_name: "val/2.jpg", width: 8, height: 8, coco_url: "http://images/2.jpg" },
  ],
  annotations: [
    {
      id: 1,
      image_id: 1,
      category_id: 3,
      area: 2.5,
      iscrowd: 0,
      bbox: [0, 0, 1, 1],
      segmentation: [[0, 0, 1, 1]],
    },
    {
      id: 2,
      image_id: 2,
      category_id: 4,
      area: 1e3,
      iscrowd: 1,
      segmentation: { counts: [1, 2], size: [8, 8] },
    },
  ],
  categories: [
    { id: 3, name: "cat", supercategory: "animal" },
    { id: 4, name: "Käse", supercategory: "food" },
  ],
};
const lvis = {
  images: [
    {
      id: 1,
      coco_url: "http://images/train2017/1.jpg",
      neg_category_ids: [4],
      not_exhaustive_category_ids: [3],
    },
    { id: 2, file_name: "2.jpg", neg_category_ids: [], not_exhaustive_category_ids: [] },
  ],
  annotations: [{ id: 1, image_id: 1, category_id: 3, area: 1, bbox: [0, 0, 1, 1] }],
  categories: [
    { id: 3, name: "cat", synset: "cat.n.01", frequency: "f", synonyms: ["cat"], image_count: 2 },
    { id: 4, name: "dog", frequency: "r" },
  ],
};

/** Annotation files, plain and gzipped. */
export const annotations: readonly FuzzTarget[] = [
  target("coco", coco, async (path) => {
    await readCocoInstances(path);
  }),
  target("lvis", lvis, async (path) => {
    classFrequencyGroups(await readLvis(path, { index: false }));
  }),
];

function target(name: string, value: unknown, readFile: (path: string) => Promise<void>): FuzzTarget {
  const text = JSON.stringify(value, undefined, 1);
  return {
    name,
    samples: () => [Buffer.from(text), gzipSync(text)],
    async read(input, at) {
      const path = at(input[0] === 0x1f ? `${name}.json.gz` : `${name}.json`);
      writeFileSync(path, input);
      await readFile(path);
    },
    words: [
      '"images":',
      '"annotations":',
      '"id":',
      '"area":',
      "NaN",
      "Infinity",
      '"\\ud800"',
      "[".repeat(5000),
    ],
    mutate: (sample, random) => (sample[0] === 0x1f ? sample : Buffer.from(mutateJson(text, random))),
  };
}
