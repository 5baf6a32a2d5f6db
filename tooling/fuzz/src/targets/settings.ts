import { writeFileSync } from "node:fs";
import { ClassList } from "@csl/labels";
import { trainFlags } from "../../../../packages/cli/src/commands/train/train-flags.js";
import { readFlags } from "../../../../packages/cli/src/flags/read-flags.js";
import {
  listedClasses,
  readThresholds,
  thresholdVector,
} from "../../../../packages/cli/src/thresholds/thresholds-file.js";
import { mutateJson } from "../mutate-json.js";
import type { FuzzTarget } from "../target.js";

const classes = ClassList.from([
  { id: "/m/0a", name: "Cat" },
  { id: "/m/0b", name: "Dog" },
]);

const row = {
  name: "Cat",
  output: 0,
  logit: 0.5,
  probability: 0.62,
  source: "own",
  positives: 3,
  negatives: 4,
};
const thresholdsText = JSON.stringify({
  format: "csl-thresholds/1",
  criterion: { name: "f-beta", beta: 1 },
  global: { logit: 0, probability: 0.5 },
  temperature: 1.5,
  checkpoint: { file: "best.safetensors", sha256: "0".repeat(64) },
  data: { dataset: "coco", split: "val", images: 4, labels: "" },
  classes: { "/m/0a": row, "/m/0b": { ...row, name: "Dog", output: 1 } },
});

/** Decision thresholds as csl infer reads them. */
const thresholds: FuzzTarget = {
  name: "thresholds",
  samples: () => [Buffer.from(thresholdsText)],
  async read(input, at) {
    const path = at("thresholds.json");
    writeFileSync(path, input);
    const content = await readThresholds(path);
    listedClasses(content, 2);
    thresholdVector(path, content, classes);
  },
  words: ['"logit":1e999', "csl-thresholds/2", '"temperature":0'],
  mutate: (sample, random) => Buffer.from(mutateJson(Buffer.from(sample).toString(), random)),
};

/** A configuration file of csl train. */
const config: FuzzTarget = {
  name: "config",
  samples: () => [
    Buffer.from(
      '{"data": "/", "lr": 0.0002, "gamma_neg": 4, "modelName": "tresnet_l", "overwrite": true, "augment": "none"}',
    ),
  ],
  async read(input, at) {
    const path = at("config.json");
    writeFileSync(path, input);
    await readFlags("csl train", trainFlags, { config: path });
  },
  words: ['"lr":', "__proto__", '"config":', '"epochs":1e999', "constructor"],
  mutate: (sample, random) => Buffer.from(mutateJson(Buffer.from(sample).toString(), random)),
};

export const settings: readonly FuzzTarget[] = [thresholds, config];
