/**
 * For tests: an LVIS v1 file of five images with every oddity that the reader must take. Image 40 has no annotation but
 * negatives; 50 nothing at all; 10 has class 3 annotated and listed as absent; 20 lists class 2 as not exhaustive
 * without an annotation; category 99 and image 77 do not exist; 30 is listed twice; category 4 has no frequency.
 */
export const lvisFixture: Readonly<Record<string, unknown>> = {
  info: { description: 'a "quoted" text with "annotations": [ and \\ in it', nested: [[{}], "]"] },
  licenses: [],
  categories: [
    {
      id: 3,
      name: "cat",
      synset: "cat.n.01",
      synonyms: ["cat", "kitty"],
      def: 'a "small" [animal]',
      frequency: "f",
    },
    { id: 1, name: "dog", frequency: "r" },
    { id: 2, name: "zw\u00f6lf", frequency: "c" },
    { id: 4, name: "dog", frequency: "x" },
  ],
  images: [
    image(10, "train2017", [2, 3], []),
    image(30, "train2017", [], [1]),
    image(40, "val2017", [1, 2], []),
    image(20, "val2017", [4, 99], [2, 3]),
    image(50, "train2017", [], []),
    image(30, "train2017", [], []),
  ],
  annotations: [
    annotation(1, 10, 3),
    annotation(2, 10, 3),
    annotation(3, 30, 1),
    annotation(4, 10, 1),
    annotation(5, 20, 3),
    annotation(6, 77, 3),
    annotation(7, 20, 99),
    annotation(8, 77, 3),
    annotation(9, 10, 3),
  ],
};

function image(id: number, folder: string, absent: number[], partly: number[]): object {
  return {
    id,
    width: 640,
    height: 480,
    license: 4,
    flickr_url: "",
    coco_url: `http://images.invalid/${folder}/${String(id).padStart(12, "0")}.jpg`,
    date_captured: "2013-11-15 02:41:42",
    neg_category_ids: absent,
    not_exhaustive_category_ids: partly,
  };
}

function annotation(id: number, image_id: number, category_id: number): object {
  const points = Array.from({ length: 6 + id * 4 }, (_, i) => Math.round(i * 1050 + id * 70) / 100);
  return {
    area: 12.25 * id,
    id,
    segmentation: [points, [1, 2e1]],
    image_id,
    bbox: [1, 2, 3.5, 4],
    category_id,
  };
}
