import type { TResNetOptions } from "@csl/tresnet";
import type { ModelFacts } from "../src/index.js";

const basic = ["basic", "basic", "basic", "basic"] as const;
/** One block a stage at a quarter of TResNet-M's width, as `csl train --model-name tresnet_tiny`. */
const tiny = { layers: [1, 1, 1, 1], width: 0.25, blocks: basic } as const;
/** As M, L and XL are built: basic blocks, then bottlenecks. */
const mixed = {
  layers: [1, 1, 2, 1],
  width: 0.25,
  blocks: ["basic", "basic", "bottleneck", "bottleneck"],
} as const;
/** As L-V2. */
const bottlenecks = {
  layers: [1, 1, 1, 2],
  width: 0.25,
  blocks: ["bottleneck", "bottleneck", "bottleneck", "bottleneck"],
} as const;

/** Networks of all kinds of blocks and heads. 72 and 100 pixels have odd maps on the way. */
export const smallModels: { name: string; model: TResNetOptions; imageSize: number }[] = [
  { name: "tiny", model: { variant: tiny, numClasses: 7 }, imageSize: 64 },
  { name: "basic and bottleneck", model: { variant: mixed, numClasses: 7 }, imageSize: 72 },
  {
    name: "bottleneck head",
    model: { variant: bottlenecks, numClasses: 7, head: "bottleneck" },
    imageSize: 64,
  },
  {
    name: "ML-Decoder",
    model: { variant: tiny, numClasses: 7, head: "ml-decoder", decoder: { embedding: 64, groups: 3 } },
    imageSize: 100,
  },
  {
    name: "ML-Decoder by embeddings",
    model: {
      ...{ variant: tiny, numClasses: 5, head: "ml-decoder" },
      decoder: { embedding: 64, classEmbedding: 12 },
    },
    imageSize: 64,
  },
];

export function factsOf({ numClasses }: TResNetOptions, imageSize: number): ModelFacts {
  const classes = Array.from({ length: numClasses }, (_, i) => ({ id: `c${i}`, name: `Class ${i}` }));
  return { imageSize, classes };
}
