import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { readClassList, readCustomLabels } from "@csl/datasets";
import {
  readClassDescriptions,
  readClassIds,
  readHierarchy,
  readImageList,
  readLabelFiles,
} from "@csl/openimages-loader";
import { mutateJson } from "../mutate-json.js";
import type { FuzzTarget } from "../target.js";

const official = `ImageID,Source,LabelName,Confidence
0001eeaf4aed83f9,verification,/m/0cmf2,1
0001eeaf4aed83f9,machine,/m/01g317,0.7
000595fe6fee6369,verification,/m/01g317,0
`;
const imageList = `ImageID,Subset,OriginalURL,Title,OriginalSize,OriginalMD5,Rotation
0001eeaf4aed83f9,train,http://a/1.jpg,"Käse, ""gut""",100,aaaa,0
000595fe6fee6369,train,http://a/2.jpg,b,200,bbbb,90.0
`;
const custom = 'path,positives,negatives,split\na.jpg,cat;dog,,train\n"b, c.jpg",cat,*,val\n';
const wide = "filename,cat,dog\na.jpg,1,0\nb.jpg,,-1\n";
const lines =
  '{"path": "a.jpg", "positives": ["cat"], "negatives": "*"}\n{"path": "b.jpg", "positives": []}\n';
const hierarchy = JSON.stringify({
  LabelName: "/m/0bl9f",
  Subcategory: [{ LabelName: "/m/01", Part: [{ LabelName: "/m/02" }] }, { LabelName: "/m/03" }],
});

/** Label files and class lists as CSV, JSON and lines of JSON, plain and gzipped. */
export const labelFiles: readonly FuzzTarget[] = [
  target("openimages", "labels.csv", [official], (path) => readLabelFiles(path, { index: false })),
  target("image-list", "images.csv", [imageList], (path) => readImageList(path)),
  target("own-csv", "labels.csv", [custom, wide], (path) => readCustomLabels(path)),
  target("own-jsonl", "labels.jsonl", [lines], (path) => readCustomLabels(path)),
  target("class-list", "classes.csv", ['id,name\n1,cat\n2,"dog, small"\n', "cat\ndog\n"], (path) =>
    readClassList(path),
  ),
  target("descriptions", "classes.csv", ['/m/01,Cat\n/m/02,"Dog, small"\n'], (path) =>
    readClassDescriptions(path),
  ),
  target("class-ids", "ids.txt", ["/m/01\n/m/02\n"], (path) => readClassIds(path)),
  target("hierarchy", "hierarchy.json", [hierarchy], (path) => readHierarchy(path)),
];

function target(
  name: string,
  file: string,
  texts: readonly string[],
  readFile: (path: string) => Promise<unknown>,
): FuzzTarget {
  return {
    name,
    samples: () =>
      texts.flatMap((text) => [Buffer.from(text), gzipped(name) ? gzipSync(text) : Buffer.from(text)]),
    async read(input, at) {
      const path = at(input[0] === 0x1f && gzipped(name) ? `${file}.gz` : file);
      writeFileSync(path, input);
      await readFile(path);
    },
    words: ["\r", '"', ',"', "\n\n", "\u2028", "ImageID", "*", ";", "[", "['cat', 'dog']", "\xff\xfe", "=1"],
    mutate: (sample, random) => {
      const text = Buffer.from(sample).toString();
      return name === "hierarchy" ? Buffer.from(mutateJson(text, random)) : sample;
    },
  };
}

/** The small files are read plain. */
function gzipped(name: string): boolean {
  return ["openimages", "image-list", "own-csv", "own-jsonl"].includes(name);
}
