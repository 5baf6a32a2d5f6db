import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { descriptionKey } from "@csl/internal/model-description/model-description";
import type { FileParts } from "../file-parts.js";
import { checkFacts, describe, type ModelFacts } from "../network/describe.js";
import { type ExportedModel, openNetwork } from "../network/exported-model.js";
import { transposed } from "../network/transposed.js";
import { addGraphBody } from "./graph-body.js";
import { attr, GraphNodes, shapeOf } from "./graph-nodes.js";

export interface TfjsOptions extends ExportedModel {
  /** What the model says about itself. */
  facts: ModelFacts;
}

/** The two files of a graph model of TensorFlow.js. */
export interface TfjsModel {
  /** Of `model.json`. */
  json: string;
  /** Of `weights.bin` beside it. */
  weights: FileParts;
}

/**
 * Writes a TResNet as a graph model, which `loadGraphModel` of plain TensorFlow.js loads: input `images` float32 [batch, side,
 * side, 3] in [0, 1], output `logits` [batch, classes]. The description is JSON under `csl` in `metadata` of the loaded model.
 *
 * @throws CslError `mismatch` for tensors of another model; `unsupported` for an ML-Decoder; `unknown-option`
 */
export function exportTfjs(options: TfjsOptions): TfjsModel {
  checkOptions("exportTfjs", options, { model: true, state: true, facts: true });
  const { facts, model } = options;
  const network = openNetwork("exportTfjs", options);
  checkFacts("exportTfjs", facts, model.numClasses);
  const { head } = network.plan;
  if (head.kind === "ml-decoder")
    throw new CslError(
      "unsupported",
      "exportTfjs: expected a linear or bottleneck head, got an ML-Decoder. Export it as ONNX, or use @csl/tresnet itself.",
    );
  const graph = new GraphNodes();
  const side = facts.imageSize;
  const shape = [-1, side, side, 3];
  const map = addGraphBody(network, graph, graph.placeholder("images", shape), side);
  const axes = graph.integers("places", [1, 2]);
  const pooled = graph.node("Mean", "head/pooled", [map, axes], { keep_dims: attr.bool(false) });
  const keys = head.kind === "linear" ? ["head.fc"] : ["head.fc.embedding_generator.0", "head.fc.FC"];
  const logits = keys.reduce((x, key) => {
    const { shape: sizes, data } = network.tensor(`${key}.weight`);
    const [outputs = 0, inputs = 0] = sizes;
    const weight = graph.numbers(`${key}/weight`, [inputs, outputs], () => transposed(data, outputs, inputs));
    const bias = graph.numbers(`${key}/bias`, [outputs], () => network.tensor(`${key}.bias`).data);
    const flags = { transpose_a: attr.bool(false), transpose_b: attr.bool(false) };
    return graph.node("AddV2", key, [graph.node("MatMul", `${key}/product`, [x, weight], flags), bias]);
  }, pooled);
  graph.node("Identity", "logits", [logits]);
  const value = (name: string, sizes: readonly number[]) => ({
    ...{ name: `${name}:0`, dtype: "DT_FLOAT", tensorShape: shapeOf(sizes) },
  });
  const { weights } = graph;
  return {
    json: JSON.stringify({
      ...{ format: "graph-model", generatedBy: "csl export", convertedBy: "csl export" },
      signature: {
        inputs: { images: value("images", shape) },
        outputs: { logits: value("logits", [-1, model.numClasses]) },
      },
      userDefinedMetadata: { [descriptionKey]: JSON.stringify(describe(facts, false)) },
      modelTopology: { node: graph.nodes, library: {}, versions: { producer: 1 } },
      weightsManifest: [
        {
          paths: ["weights.bin"],
          weights: weights.map(({ name, shape: sizes, dtype }) => ({ name, shape: sizes, dtype })),
        },
      ],
    }),
    weights: {
      byteLength: weights.reduce((sum, { shape: sizes }) => sum + sizes.reduce((a, b) => a * b, 4), 0),
      *parts() {
        for (const { make } of weights) {
          const { buffer, byteOffset, byteLength } = make();
          yield new Uint8Array(buffer, byteOffset, byteLength);
        }
      },
    },
  };
}
