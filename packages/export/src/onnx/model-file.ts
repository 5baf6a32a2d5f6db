import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { FileParts } from "../file-parts.js";
import type { Constant, GraphBuilder } from "./graph-builder.js";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  TensorProtoSchema,
  type ValueInfoProto,
} from "./protocol/onnx-ml_pb.js";

/** Numbers of fields in onnx.proto. */
const graphOfModel = 7;
const initializerOfGraph = 5;
const rawDataOfTensor = 9;

/**
 * The bytes of an ONNX model. The messages around the constants are written by hand as far as their lengths go: a message
 * may come in pieces, and each constant is made only when its turn comes.
 */
export function modelFile(
  graph: GraphBuilder,
  {
    name,
    opset,
    inputs,
    outputs,
    metadata,
  }: {
    name: string;
    opset: number;
    inputs: ValueInfoProto[];
    outputs: ValueInfoProto[];
    metadata: Readonly<Record<string, string>>;
  },
): FileParts {
  const start = toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: "csl",
      opsetImport: [{ domain: "", version: BigInt(opset) }],
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    }),
  );
  const graphStart = toBinary(
    GraphProtoSchema,
    create(GraphProtoSchema, { name, node: graph.nodes, input: inputs, output: outputs }),
  );
  const constants = graph.constants.map((constant) => ({ constant, head: constantHead(constant) }));
  const graphLength = constants.reduce(
    (sum, { head, constant }) => sum + head.length + constant.byteLength,
    graphStart.length,
  );
  const graphHead = lengthDelimited(graphOfModel, graphLength);
  return {
    byteLength: start.length + graphHead.length + graphLength,
    *parts() {
      yield start;
      yield graphHead;
      yield graphStart;
      for (const { head, constant } of constants) {
        yield head;
        yield constant.bytes();
      }
    },
  };
}

/** What comes before the bytes of a constant. */
function constantHead({ name, dataType, shape, byteLength }: Constant): Uint8Array {
  const fields = toBinary(
    TensorProtoSchema,
    create(TensorProtoSchema, { name, dataType, dims: shape.map(BigInt) }),
  );
  const raw = lengthDelimited(rawDataOfTensor, byteLength);
  const outer = lengthDelimited(initializerOfGraph, fields.length + raw.length + byteLength);
  const head = new Uint8Array(outer.length + fields.length + raw.length);
  head.set(outer);
  head.set(fields, outer.length);
  head.set(raw, outer.length + fields.length);
  return head;
}

/** The head of a field of this many bytes. */
function lengthDelimited(field: number, length: number): Uint8Array {
  return new BinaryWriter().tag(field, WireType.LengthDelimited).uint32(length).finish();
}
