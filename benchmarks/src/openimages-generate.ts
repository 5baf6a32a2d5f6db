/**
 * Writes a file of the form and size of OpenImages V6's human labels of train (57.5 million rows, 9 million images,
 * ~2.5 GB), with class descriptions and the trainable list beside it. The distribution follows the published counts:
 * 6.4 rows an image, 34.5 % positive, 85 % by verification, classes with a cubic long tail.
 *
 *   pnpm --filter @csl/benchmarks openimages-generate --out FOLDER [--rows 57524352] [--machine] [--seed 1]
 */
import { closeSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { mulberry32 } from "@csl/labels";

const { values } = parseArgs({
  options: {
    out: { type: "string" },
    rows: { type: "string", default: "57524352" },
    classes: { type: "string", default: "19957" },
    machine: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
  },
});
if (!values.out) throw new Error("openimages-generate: expected --out FOLDER, got none.");
const rows = Number(values.rows);
const classes = Number(values.classes);
const random = mulberry32(Number(values.seed));
mkdirSync(values.out, { recursive: true });

const mids = midList();
writeFileSync(
  join(values.out, "oidv6-class-descriptions.csv"),
  `LabelName,DisplayName\n${mids.map((mid, i) => `${mid},Class ${i}`).join("\n")}\n`,
);
writeFileSync(
  join(values.out, "oidv6-classes-trainable.txt"),
  `${mids
    .slice(0, Math.round(classes * 0.4813))
    .sort()
    .join("\n")}\n`,
);

const kind = values.machine ? "machine" : "human";
const path = join(values.out, `oidv6-train-annotations-${kind}-imagelabels.csv`);
const start = performance.now();
const images = writeLabels(path);
console.log(
  `${path}: ${rows.toLocaleString("en-US")} rows of ${images.toLocaleString("en-US")} images in ${((performance.now() - start) / 1000).toFixed(0)} s`,
);

/** Distinct MIDs of 7 to 10 bytes, in the order of their frequency. */
function midList(): string[] {
  const letters = "0123456789bcdfghjklmnpqrstvwxyz_";
  const found = new Set<string>();
  while (found.size < classes) {
    const length = 3 + Math.floor(random() * 3);
    let mid = "/m/0";
    for (let i = 0; i < length; i++) mid += letters[Math.floor(random() * letters.length)];
    found.add(mid);
  }
  return [...found];
}

function writeLabels(to: string): number {
  const tails = mids.map((mid) => Buffer.from(`,${mid},`));
  const sources = ["verification", "crowdsource-verification", "machine"].map((name) =>
    Buffer.from(`,${name}`),
  );
  const block = Buffer.allocUnsafe(8 << 20);
  const file = openSync(`${to}.part`, "w");
  let at = block.write("ImageID,Source,LabelName,Confidence\n");
  const expected = rows / 6.384;
  let written = 0;
  let image = 0;
  const drawn: number[] = [];
  for (; written < rows; image++) {
    // Ascending, never beyond 32 bits: as many steps as images are expected, and a few per cent of room.
    const upper = Math.floor(((image + random() / 2) * 2 ** 32) / (expected * 1.02 + 100));
    const id = hex(upper) + hex(Math.floor(random() * 2 ** 32));
    const count = Math.min(1 + Math.floor(-Math.log(1 - random()) * 5.87), rows - written);
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
      at += block.latin1Write(id, at);
      const source = sources[values.machine ? 2 : random() < 0.85 ? 0 : 1]!;
      at += source.copy(block, at);
      at += tails[c]!.copy(block, at);
      const confidence = values.machine
        ? `0.${5 + Math.floor(random() * 5)}\n`
        : random() < 0.345
          ? "1\n"
          : "0\n";
      at += block.latin1Write(confidence, at);
    }
    written += count;
  }
  writeSync(file, block, 0, at);
  closeSync(file);
  renameSync(`${to}.part`, to);
  return image;
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
