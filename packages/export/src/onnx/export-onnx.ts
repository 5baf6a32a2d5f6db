import { create } from "@bufbuild/protobuf";
import { checkOptions } from "@csl/internal/errors/check-options";
import { checkChoice } from "@csl/internal/errors/check-values";
import { descriptionKey } from "@csl/internal/model-description/model-description";
import type { FileParts } from "../file-parts.js";
import { checkFacts, describe, type ModelFacts } from "../network/describe.js";
import { type ExportedModel, openNetwork } from "../network/exported-model.js";
import { addBody } from "./body.js";
import { DataType, GraphBuilder } from "./graph-builder.js";
import { addHead } from "./head.js";
import { modelFile } from "./model-file.js";
import { arithmeticOf, type Precision, precisions } from "./precision.js";
import { addPreprocessing } from "./preprocessing.js";
import { type ValueInfoProto, ValueInfoProtoSchema } from "./protocol/onnx-ml_pb.js";

export interface OnnxOptions extends ExportedModel {
  /** What the model says about itself. */
  facts: ModelFacts;
  /** Take images as bytes of any size, and resize and scale them in the graph. Default true. */
  preprocessing?: boolean;
  /** Default float32. */
  precision?: Precision;
}

/**
 * Writes a TResNet as ONNX, norms folded into the convolutions. Input `images`: uint8 [batch, height, width, 3] RGB of any
 * size; without `preprocessing` float32 [batch, 3, side, side] in [0, 1]. Output `logits`: float32 [batch, classes]. The
 * description is JSON under `csl` in the metadata. Opset 18 with preprocessing, 17 without; IR version 8.
 *
 * @throws CslError `mismatch` for tensors of another model; `unsupported` for weights beyond float16;
 * `invalid-argument`, `unknown-option`
 */
export function exportOnnx(options: OnnxOptions): FileParts {
  checkOptions("exportOnnx", options, {
    ...{ model: true, state: true, facts: true, preprocessing: true, precision: true },
  });
  const { facts, preprocessing = true, precision = "float32" } = options;
  checkChoice("exportOnnx", "precision", precision, precisions);
  const network = openNetwork("exportOnnx", options);
  checkFacts("exportOnnx", facts, options.model.numClasses);
  const { imageSize: side } = facts;
  const graph = new GraphBuilder();
  const arithmetic = arithmeticOf(graph, precision);
  const half = arithmetic.floatType === DataType.FLOAT16;
  const numbers = (): string =>
    half ? graph.node("Cast", ["images"], { name: "images.half", to: DataType.FLOAT16 }) : "images";
  const images = preprocessing ? addPreprocessing(arithmetic, "images", side) : numbers();
  const logits = addHead(network, arithmetic, addBody(network, arithmetic, { value: images, side }));
  if (half) graph.node("Cast", [logits], { name: "logits", to: DataType.FLOAT });
  else graph.node("Identity", [logits], { name: "logits" });
  return modelFile(graph, {
    name: facts.network ?? "tresnet",
    opset: preprocessing ? 18 : 17,
    inputs: [
      preprocessing
        ? value("images", DataType.UINT8, ["batch", "height", "width", 3])
        : value("images", DataType.FLOAT, ["batch", 3, side, side]),
    ],
    outputs: [value("logits", DataType.FLOAT, ["batch", options.model.numClasses])],
    metadata: { [descriptionKey]: JSON.stringify(describe(facts, preprocessing)) },
  });
}

/** An input or output; an axis by name has any size. */
function value(name: string, elemType: DataType, axes: readonly (number | string)[]): ValueInfoProto {
  const dim = axes.map((axis) =>
    typeof axis === "string"
      ? { value: { case: "dimParam" as const, value: axis } }
      : { value: { case: "dimValue" as const, value: BigInt(axis) } },
  );
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: "tensorType", value: { elemType, shape: { dim } } } },
  });
}
