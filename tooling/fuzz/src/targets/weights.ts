import { readFileSync, writeFileSync } from "node:fs";
import { readTorchFile } from "@csl/checkpoints";
import type { Random } from "@csl/internal/random/mulberry32";
import { createTResNet, stateDictShapes } from "@csl/tresnet";
import { readModelFile } from "../../../../packages/cli/src/models/read-model-file.js";
import { fixture } from "../fixture.js";
import { below } from "../mutate.js";
import { mutateJson } from "../mutate-json.js";
import type { FuzzTarget } from "../target.js";

const names = ["values", "timm", "zoo", "mixed"].flatMap((name) => [`${name}.pth`, `${name}-legacy.pth`]);

/** Files of torch.save: the zip with its pickle, and the older form. */
const torch: FuzzTarget = {
  name: "torch",
  samples: () => names.map((name) => readFileSync(fixture("checkpoints", name))),
  async read(input, at) {
    writeFileSync(at("weights.pth"), input);
    await readTorchFile(at("weights.pth"));
  },
  words: [
    "ccollections\nOrderedDict\n)R",
    "ctorch._utils\n_rebuild_tensor_v2\n",
    "(",
    "t",
    "R",
    "u",
    "2",
    "h\x00",
    "}",
  ],
};

const options = {
  variant: { layers: [1, 1, 1, 1], width: 1 / 64, blocks: ["basic", "basic", "basic", "basic"] },
  numClasses: 2,
} as const;

/** What --model-path names: a checkpoint of ours, and one of another program's, with their metadata and keys. */
const model: FuzzTarget = {
  name: "model",
  samples: () => [ownCheckpoint(), withHeader(header("model."), size())],
  async read(input, at) {
    writeFileSync(at("model.safetensors"), input);
    const { model: found, state } = await readModelFile(at("model.safetensors"));
    // A file of a few kilobytes holds no large model.
    if (found) createTResNet(found).loadStateDict(state);
  },
  words: ["head.fc.weight", "body.layer1.999999.", '"numClasses\\":', "csl-checkpoint/1", "module."],
  mutate: withOtherHeader,
};

export const weights: readonly FuzzTarget[] = [torch, model];

type Header = Record<string, unknown>;

function header(prefix: string, metadata: Record<string, string> = {}): Header {
  const content: Header = { __metadata__: metadata };
  let at = 0;
  for (const [key, shape] of stateDictShapes(options)) {
    const end = at + 4 * shape.reduce((a, b) => a * b, 1);
    content[prefix + key] = { dtype: "F32", shape, data_offsets: [at, end] };
    at = end;
  }
  return content;
}

function size(): number {
  return [...stateDictShapes(options).values()].reduce(
    (sum, shape) => sum + 4 * shape.reduce((a, b) => a * b, 1),
    0,
  );
}

function ownCheckpoint(): Uint8Array {
  const classes = { ids: ["/m/0a", "/m/0b"], names: ["Cat", "Dog"] };
  const config = { model: { ...options, head: "linear" }, imageSize: 64 };
  const metadata = {
    csl: "csl-checkpoint/1",
    weights: "raw",
    classes: JSON.stringify(classes),
    config: JSON.stringify(config),
  };
  return withHeader(header("", metadata), size());
}

function withHeader(content: Header, bytes: number): Uint8Array {
  const json = Buffer.from(JSON.stringify(content));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(bytes)]);
}

/** Another header, or an entry of its metadata changed as the JSON that it is. */
function withOtherHeader(sample: Uint8Array, random: Random): Uint8Array {
  const bytes = Buffer.from(sample);
  const length = Number(bytes.readBigUInt64LE());
  const content = JSON.parse(bytes.toString("utf8", 8, 8 + length)) as Header & {
    __metadata__: Record<string, string>;
  };
  const entries = Object.keys(content.__metadata__).filter((key) => /^[{[]/.test(content.__metadata__[key]!));
  const behind = bytes.length - 8 - length;
  const key = entries[below(random, entries.length)];
  if (key === undefined || random() < 0.3)
    return withHeader(JSON.parse(mutateJson(JSON.stringify(content), random)) as Header, behind);
  content.__metadata__[key] = mutateJson(content.__metadata__[key]!, random);
  return withHeader(content, behind);
}
