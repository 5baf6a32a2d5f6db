/**
 * Writes a JSON file with the form, the counts and the size of lvis_v1_train.json (1.1 GB: 100,170 images, 1,270,141
 * annotations with polygons, 1,203 categories), the same bytes for the same seed. The labels are drawn, the polygons
 * come from a pool of 4,096.
 *
 *   pnpm --filter @csl/benchmarks lvis-generate [path] [--images 100170] [--annotations 1270141] [--seed 1]
 */
import { closeSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { mulberry32, type Random } from "@csl/internal/random/mulberry32";

export const lvisPath: string = join(tmpdir(), "csl-big", "lvis_v1_train.json");

export interface LvisSize {
  images: number;
  annotations: number;
  categories: number;
  seed: number;
}

export const fullSize: LvisSize = { images: 100_170, annotations: 1_270_141, categories: 1_203, seed: 1 };

export function generateLvis(path: string, { images, annotations, categories, seed }: LvisSize): void {
  const random = mulberry32(seed);
  const whole = (n: number): number => Math.floor(random() * n);
  // A long tail: from tens of thousands of images to a few.
  const category = (): number => 1 + Math.floor(categories * Math.min(random(), random()) ** 3);
  const ids = Uint32Array.from({ length: images }, (_, i) => i * 5 + 1 + whole(5));
  const images1 = new Uint32Array(annotations);
  const categories1 = new Uint16Array(annotations);
  const present: Set<number>[] = Array.from({ length: images }, () => new Set());
  for (let i = 0; i < annotations; ) {
    const image = whole(images);
    const chosen = category();
    // Instances of one class come in groups: 3.5 of them on average, as 12.7 annotations of 3.6 classes per image.
    for (let k = 1 + whole(6); k > 0 && i < annotations; k--, i++) {
      images1[i] = image;
      categories1[i] = chosen;
    }
    present[image]!.add(chosen);
  }
  const polygons = Array.from({ length: 4096 }, () => polygon(12 + whole(58), random));
  const imageCounts = new Uint32Array(categories + 1);
  for (const set of present) for (const c of set) imageCounts[c]!++;
  const temporary = `${path}.part`;
  mkdirSync(dirname(path), { recursive: true });
  const out = new TextFile(temporary);
  out.write('{"info": {"description": "LVIS v1 form, drawn"}, "annotations": [');
  for (let i = 0; i < annotations; i++) {
    const parts = whole(8) === 0 ? 2 : 1;
    const rings = Array.from({ length: parts }, () => polygons[whole(4096)]!).join(", ");
    const box = [random() * 600, random() * 400, random() * 90, random() * 90].map((n) => n.toFixed(2));
    out.write(
      `${i ? ", " : ""}{"area": ${(random() * 20_000).toFixed(2)}, "id": ${i + 1}, "segmentation": [${rings}], ` +
        `"image_id": ${ids[images1[i]!]}, "bbox": [${box.join(", ")}], "category_id": ${categories1[i]}}`,
    );
  }
  out.write('], "images": [');
  for (let i = 0; i < images; i++) {
    const inside = [...present[i]!];
    const absent = Array.from({ length: whole(19) }, category).filter((c) => !present[i]!.has(c));
    const file = `${String(ids[i]).padStart(12, "0")}.jpg`;
    out.write(
      `${i ? ", " : ""}{"date_captured": "2013-11-15 02:41:42", "neg_category_ids": [${[...new Set(absent)].join(", ")}], "id": ${ids[i]}, "license": 4, ` +
        `"height": 480, "width": 640, "flickr_url": "http://images.invalid/7116/7563_${ids[i]}_z.jpg", ` +
        `"coco_url": "http://images.invalid/${whole(6) ? "train2017" : "val2017"}/${file}", "not_exhaustive_category_ids": [${inside.filter(() => whole(8) === 0).join(", ")}]}`,
    );
  }
  out.write('], "licenses": [], "categories": [');
  for (let c = 1; c <= categories; c++) {
    const frequency = imageCounts[c]! <= 10 ? "r" : imageCounts[c]! <= 100 ? "c" : "f";
    out.write(
      `${c > 1 ? ", " : ""}{"image_count": ${imageCounts[c]}, "synonyms": ["thing_${c}"], "def": "a thing, the \\"${c}th\\" [of its kind]", "id": ${c}, "synset": "thing.n.${c}", "name": "thing_${c}", "frequency": "${frequency}", "instance_count": ${imageCounts[c]}}`,
    );
  }
  out.write("]}");
  out.close();
  renameSync(temporary, path);
}

function polygon(points: number, random: Random): string {
  return `[${Array.from({ length: points * 2 }, () => (random() * 640).toFixed(2)).join(", ")}]`;
}

/** Collects ASCII text and writes it by the megabyte. */
class TextFile {
  readonly #file: number;
  #parts: string[] = [];
  #length = 0;

  constructor(path: string) {
    this.#file = openSync(path, "w");
  }

  write(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
    if (this.#length > 1 << 20) this.#flush();
  }

  #flush(): void {
    const bytes = Buffer.from(this.#parts.join(""), "latin1");
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    this.#parts = [];
    this.#length = 0;
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const number = (fallback: number) => ({ type: "string", default: String(fallback) }) as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      images: number(fullSize.images),
      annotations: number(fullSize.annotations),
      categories: number(fullSize.categories),
      seed: number(fullSize.seed),
    },
  });
  const path = positionals[0] ?? lvisPath;
  const size = Object.fromEntries(Object.entries(values).map(([k, v]) => [k, Number(v)]));
  generateLvis(path, size as unknown as LvisSize);
  console.log(path);
}
