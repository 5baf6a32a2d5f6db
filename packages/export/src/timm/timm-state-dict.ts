import { CslError } from "@csl/internal/errors/csl-error";
import type { StateDict, StateTensor } from "@csl/internal/tensors/state-dict";
import { type TResNetVariant, variants } from "@csl/tresnet";
import { type ExportedModel, openNetwork } from "../network/exported-model.js";

/** timm's names of the published variants. */
const timmNames: Readonly<Record<TResNetVariant, string>> = {
  m: "tresnet_m",
  l: "tresnet_l",
  xl: "tresnet_xl",
  "l-v2": "tresnet_v2_l",
};

/** A model as timm has it. */
export interface TimmModel {
  /** What `timm.create_model` takes. */
  name: string;
  state: StateDict;
}

/**
 * A model's tensors under timm's names and with timm's meaning, the inverse of `convertTimmStateDict`: timm's norms multiply
 * by their weight, ours by |w| + ε. The two layers of a bottleneck head, which have nothing between them, become their product.
 * An ML-Decoder has the places of `timm.layers.ml_decoder`.
 *
 * @throws CslError `unsupported` for what timm does not have: shapes of one's own, an ML-Decoder by class embeddings;
 * `mismatch` for tensors of another model
 */
export function timmStateDict(exported: ExportedModel): TimmModel {
  const { plan, tensor } = openNetwork("timmStateDict", exported);
  const { variant } = exported.model;
  const name = typeof variant === "string" ? timmNames[variant] : undefined;
  if (name === undefined)
    throw new CslError(
      "unsupported",
      `timmStateDict: expected one of the variants that timm has (${Object.keys(variants).join(", ")}), got ${JSON.stringify(variant)}. Export it as ONNX or safetensors.`,
    );
  const { head } = plan;
  if (head.kind === "ml-decoder" && head.sizes.classEmbedding !== undefined)
    throw new CslError(
      "unsupported",
      "timmStateDict: expected a head that timm has, got an ML-Decoder by class embeddings. Export it as ONNX or safetensors.",
    );
  const state: StateDict = new Map();
  for (const [key, given] of exported.state) {
    if (!/^(body|head)\./.test(key)) continue;
    if (head.kind === "bottleneck" && key.startsWith("head.")) continue;
    const renamed = timmKey(key);
    state.set(renamed, renamed.endsWith(".bn.weight") ? effective(given, plan.epsilon) : given);
  }
  if (head.kind === "bottleneck") for (const [key, made] of productHead(tensor)) state.set(key, made);
  return { name, state };
}

/** Convolutions and norms by name, not by place; what of an ML-Decoder is beside its decoder. */
function timmKey(key: string): string {
  return key
    .replace(/\.(conv\d|downsample\.\d)\.0\.0\.weight$/, ".$1.conv.weight")
    .replace(/\.(conv\d)\.0\.1\./, ".$1.bn.")
    .replace(/\.(conv\d|downsample\.\d)\.0\.weight$/, ".$1.conv.weight")
    .replace(/\.(conv\d|downsample\.\d)\.1\./, ".$1.bn.")
    .replace(/^head\.decoder\.((?:embed_standart|query_embed|duplicate_pooling)(?:[._].*)?)$/, "head.$1");
}

function effective({ shape, data }: StateTensor, epsilon: number): StateTensor {
  return { shape, data: data.map((weight) => Math.abs(weight) + epsilon) };
}

/** W₂(W₁x + b₁) + b₂ as one layer. */
function* productHead(tensor: (key: string) => StateTensor): Generator<[string, StateTensor]> {
  const [inner, innerBias, outer, outerBias] = [
    "head.fc.embedding_generator.0.weight",
    "head.fc.embedding_generator.0.bias",
    "head.fc.FC.weight",
    "head.fc.FC.bias",
  ].map(tensor) as [StateTensor, StateTensor, StateTensor, StateTensor];
  const [classes = 0, width = 0] = outer.shape;
  const features = inner.shape[1]!;
  const weight = new Float32Array(classes * features);
  const bias = new Float32Array(classes);
  const row = new Float64Array(features);
  for (let c = 0; c < classes; c++) {
    row.fill(0);
    let sum = outerBias.data[c]!;
    for (let k = 0; k < width; k++) {
      const factor = outer.data[c * width + k]!;
      sum += factor * innerBias.data[k]!;
      for (let i = 0; i < features; i++) row[i]! += factor * inner.data[k * features + i]!;
    }
    weight.set(row, c * features);
    bias[c] = sum;
  }
  yield ["head.fc.weight", { shape: [classes, features], data: weight }];
  yield ["head.fc.bias", { shape: [classes], data: bias }];
}
