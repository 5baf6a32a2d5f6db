/**
 * For tests: an instances file of four images with every oddity that the reader must take. Class order is not id
 * order, the images' order is not the annotations', 9 has no annotation, one annotation names an unknown image, one an
 * unknown category, one is a crowd.
 */
export const cocoFixture: Readonly<Record<string, unknown>> = {
  info: { description: 'a "quoted" text with "annotations": [ and \\ in it', nested: { deep: [[{}], "]"] } },
  licenses: [],
  images: [
    { id: 9, file_name: "nine.jpg", width: 40, height: 30 },
    { id: 2, file_name: "zw\u00f6lf \u{1f600}.jpg", width: 640, height: 480 },
    { id: 7, file_name: 'se"ven.jpg', width: 640, height: 427 },
    { id: 5, file_name: "five.jpg" },
  ],
  categories: [
    { id: 3, name: "car", supercategory: "vehicle" },
    { id: 1, name: "person" },
    { id: 90, name: "toothbrush" },
  ],
  annotations: [
    {
      id: 1,
      image_id: 7,
      category_id: 1,
      area: 702.1057499999998,
      iscrowd: 0,
      bbox: [1, 2, 3, 4],
      segmentation: [[1.5, 2, 3, 4, 5, 6]],
    },
    {
      id: 2,
      image_id: 2,
      category_id: 90,
      area: 12,
      iscrowd: 0,
      segmentation: [
        [1, 2],
        [3, 4],
      ],
    },
    { id: 3, image_id: 7, category_id: 3, area: 9000, iscrowd: 0, segmentation: [] },
    { id: 4, image_id: 7, category_id: 1, area: 1000.25, iscrowd: 0, segmentation: [] },
    {
      id: 5,
      image_id: 5,
      category_id: 3,
      area: 1e5,
      iscrowd: 1,
      segmentation: { counts: 'a]"}\\', size: [3, 4] },
    },
    { id: 6, image_id: 5, category_id: 1, bbox: [0, 0, 20, 30], segmentation: "segmentation" },
    { id: 7, image_id: 1234, category_id: 1, area: 5 },
    { id: 8, image_id: 9, category_id: 4, area: 5 },
    { id: 9, image_id: 2, category_id: 90, area: 11 },
  ],
};
