/**
 * Writes a file of the form and size of OpenImages V6's human labels of train (57.5 million rows, 9 million images,
 * ~2.5 GB), with class descriptions and the trainable list beside it; the same bytes for the same seed. The
 * distribution follows the published counts: 6.4 rows an image, 34.5 % positive, 85 % by verification, classes with a
 * cubic long tail, images in ascending order.
 *
 *   pnpm --filter @csl/benchmarks openimages-generate [folder] [--rows 57524352] [--machine] [--seed 1]
 */
import { closeSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { mulberry32, type Random } from "@csl/internal/random/mulberry32";

export const openImagesFolder: string = join(tmpdir(), "csl-big", "openimages");
export const humanLabels = "oidv6-train-annotations-human-imagelabels.csv";

export interface LabelFileSize {
  rows: number;
  classes: number;
  /** Machine labels: every source a machine, confidences 0.5 … 0.9. */
  machine: boolean;
  seed: number;
}

export const fullSize: LabelFileSize = { rows: 57_524_352, classes: 19_957, machine: false, seed: 1 };

/** Returns how many images the rows are of. */
export function generateOpenImages(folder: string, { rows, classes, machine, seed }: LabelFileSize): number {
  const random = mulberry32(seed);
  const mids = midList(classes, random);
  mkdirSync(folder, { recursive: true });
  const described = mids.map((mid, i) => `${mid},Class ${i}\n`).join("");
  writeFileSync(join(folder, "oidv6-class-descriptions.csv"), `LabelName,DisplayName\n${described}`);
  const trainable = mids.slice(0, Math.round(classes * (9605 / 19957))).sort();
  writeFileSync(join(folder, "oidv6-classes-trainable.txt"), `${trainable.join("\n")}\n`);
  const path = join(folder, machine ? humanLabels.replace("human", "machine") : humanLabels);
  const tails = mids.map((mid) => Buffer.from(`,${mid},`));
  const sources = ["verification", "crowdsource-verification", "machine"].map((name) =>
    Buffer.from(`,${name}`),
  );
  const block = Buffer.allocUnsafe(8 << 20);
  const file = openSync(`${path}.part`, "w");
  let at = block.write("ImageID,Source,LabelName,Confidence\n");
  // Ids ascend in even steps of the upper 32 bits, and a little less than to their end.
  const step = 2 ** 32 / ((rows / 6.384) * 1.02 + 100);
  const drawn: number[] = [];
  let images = 0;
  for (let written = 0; written < rows; images++) {
    const id = hex(Math.floor((images + random() / 2) * step)) + hex(Math.floor(random() * 2 ** 32));
    const count = Math.min(1 + Math.floor(-Math.log(1 - random()) * 5.87), rows - written, classes);
    drawn.length = 0;
    while (drawn.length < count) {
      const c = Math.floor(random() ** 3 * classes);
      if (!drawn.includes(c)) drawn.push(c);
    }
    for (const c of drawn) {
      if (at > block.length - 128) {
        writeSync(file, block, 0, at);
        at = 0;
      }
      at += block.write(id, at, "latin1");
      at += sources[machine ? 2 : random() < 0.85 ? 0 : 1]!.copy(block, at);
      at += tails[c]!.copy(block, at);
      const confidence = machine ? `0.${5 + Math.floor(random() * 5)}` : random() < 0.345 ? "1" : "0";
      at += block.write(`${confidence}\n`, at, "latin1");
    }
    written += count;
  }
  writeSync(file, block, 0, at);
  closeSync(file);
  renameSync(`${path}.part`, path);
  return images;
}

/** Distinct MIDs of 7 to 10 bytes. */
function midList(count: number, random: Random): string[] {
  const letters = "0123456789bcdfghjklmnpqrstvwxyz_";
  const found = new Set<string>();
  while (found.size < count) {
    let mid = "/m/0";
    for (let i = 3 + Math.floor(random() * 3); i > 0; i--)
      mid += letters[Math.floor(random() * letters.length)];
    found.add(mid);
  }
  return [...found];
}

const hex = (word: number): string => word.toString(16).padStart(8, "0");

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rows: { type: "string", default: String(fullSize.rows) },
      classes: { type: "string", default: String(fullSize.classes) },
      machine: { type: "boolean", default: false },
      seed: { type: "string", default: "1" },
    },
  });
  const folder = positionals[0] ?? openImagesFolder;
  const start = performance.now();
  const images = generateOpenImages(folder, {
    rows: Number(values.rows),
    classes: Number(values.classes),
    machine: values.machine,
    seed: Number(values.seed),
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${folder}: ${values.rows} rows of ${images} images in ${seconds} s`);
}
