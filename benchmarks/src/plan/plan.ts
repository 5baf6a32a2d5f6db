import { parseArgs } from "node:util";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { ClassList, hexSampleIds, LabelTable } from "@csl/labels";

// What a training on all of OpenImages needs: measured is the label table, at 1/20 of its size, and what this machine says of
// the memory of a process; the rest is arithmetic on the figures below, each with its
// source.
//   pnpm --filter @csl/benchmarks plan [--images 9011219] [--classes 9605] [--labels 57524352]
//     [--images-per-second 730] (of TResNet-M at 224 px on one GPU) [--share 20] [--epochs 30] [--batch 64]

const { values } = parseArgs({
  options: {
    images: { type: "string", default: "9011219" },
    classes: { type: "string", default: "9605" },
    labels: { type: "string", default: "57524352" },
    "images-per-second": { type: "string", default: "730" },
    epochs: { type: "string", default: "30" },
    batch: { type: "string", default: "64" },
    share: { type: "string", default: "20" },
  },
});
const images = Number(values.images);
const classes = Number(values.classes);
const labels = Number(values.labels);
const epochs = Number(values.epochs);
const batch = Number(values.batch);
const share = Number(values.share);

/** Bytes that the process holds in objects and in arrays, after a collection. */
function held(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** A table of the asked size / share, with labels at random places. */
function drawTable(): LabelTable {
  const samples = Math.round(images / share);
  const random = mulberry32(1);
  const offsets = new Uint32Array(samples + 1);
  const perImage = labels / images;
  for (let i = 0; i < samples; i++) offsets[i + 1] = Math.round((i + 1) * perImage);
  const entries = new Uint16Array(offsets[samples]!);
  for (let i = 0; i < samples; i++) {
    const row = new Set<number>();
    while (row.size < offsets[i + 1]! - offsets[i]!) row.add(Math.floor(random() * classes));
    entries.set(
      [...row].sort((a, b) => a - b).map((index) => index + (random() < 0.65 ? 0x8000 : 0)),
      offsets[i]!,
    );
  }
  // Ids of 16 hexadecimal digits, as two numbers each.
  const sampleIds = hexSampleIds(Uint32Array.from({ length: 2 * samples }, (_, i) => Math.floor(i / 2)));
  return new LabelTable({
    classes: ClassList.from(Array.from({ length: classes }, (_, i) => ({ id: `/m/${i}`, name: `${i}` }))),
    ...{ sampleIds, defaultLabel: -1, offsets, entries },
  });
}

const before = held();
const table = drawTable();
const tableBytes = (held() - before) * share;
console.log(
  `label table: measured at 1/${share} (${table.numSamples} × ${table.numClasses}, ${table.entries.length} labels), scaled: ` +
    `${(tableBytes / 1e6).toFixed(0)} MB for each rank`,
);
const order = images * 4;
console.log(`an epoch's order: ${(order / 1e6).toFixed(0)} MB for each rank (4 bytes an image)`);

/** Of the 80-class network without its classifier; features of the classifier. Source: packages/tresnet/README.md. */
const networks = {
  "TResNet-M": { body: 29_503_952 - 80 * 2049, features: 2048, slower: 1 },
  // Trained at 345 images/s where M trains at 730 (V100, mixed precision, 224 px: the TResNet paper's repository).
  "TResNet-L": { body: 53_750_896 - 80 * 2433, features: 2432, slower: 730 / 345 },
};
/** A stored JPEG of shorter side 256, quality 90: 23 KB on average; at 512 px four times as many. */
const jpeg = { 224: 23e3, 448: 4 * 23e3 };
const memory = tableBytes + order;

console.log(
  `\ncomputed: ${epochs} epochs of ${images} images, ${batch} images a step on each GPU, ${values["images-per-second"]} images/s on one GPU ` +
    "(TResNet-M, 224 px), no loss by waiting\n",
);
console.log(
  "| network | pixels | GPUs | parameters | gradients sent by a GPU per step | step | network for half of a step | epoch | all | images read per second | shards | host memory of 8 ranks (labels, order) |",
);
console.log("|---|---|---|---|---|---|---|---|---|---|---|---|");
for (const [name, { body, features, slower }] of Object.entries(networks))
  for (const pixels of [224, 448] as const)
    for (const gpus of [8, 16, 32, 64]) {
      const parameters = body + classes * (features + 1);
      const sent = (4 * parameters * 2 * (gpus - 1)) / gpus;
      const rate = Number(values["images-per-second"]) / slower / (pixels / 224) ** 2;
      const step = batch / rate;
      const hours = images / (rate * gpus) / 3600;
      console.log(
        `| ${name} | ${pixels} | ${gpus} | ${(parameters / 1e6).toFixed(1)} M | ${(sent / 1e6).toFixed(0)} MB | ` +
          `${(1000 * step).toFixed(0)} ms | ${((sent * 8) / (step / 2) / 1e9).toFixed(1)} Gbit/s | ${hours.toFixed(2)} h | ` +
          `${((hours * epochs) / 24).toFixed(1)} d | ${Math.round(rate * gpus)} (${((rate * gpus * jpeg[pixels]) / 1e6).toFixed(0)} MB/s) | ` +
          `${((images * jpeg[pixels]) / 1e12).toFixed(2)} TB | ${((8 * memory) / 1e9).toFixed(1)} GB |`,
      );
    }
