import { create } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  type NodeProto,
  NodeProtoSchema,
} from "./protocol/onnx-ml_pb.js";

export { DataType };

/** An attribute: whole numbers and lists of them as they are, other numbers as `{ float }`. */
export type Attribute = number | readonly number[] | string | { float: number };

/** A constant of the graph. Its bytes are made when the file is written, and then let go. */
export interface Constant {
  name: string;
  dataType: DataType;
  shape: readonly number[];
  byteLength: number;
  bytes: () => Uint8Array;
}

/** Collects the nodes and constants of a graph. What a layer gives is the name of its output. */
export class GraphBuilder {
  readonly nodes: NodeProto[] = [];
  readonly constants: Constant[] = [];
  readonly #names = new Set<string>();

  /** Adds a node with one output. @param name of the node; its output has it as well */
  node(
    opType: string,
    input: readonly string[],
    { name, ...attributes }: { name: string } & Readonly<Record<string, Attribute>>,
  ): string {
    return this.#add(opType, input, { name, outputs: [name], attributes })[0]!;
  }

  /** Adds a node with several outputs, named after it. */
  nodeWithOutputs(
    opType: string,
    input: readonly string[],
    name: string,
    outputs: readonly string[],
  ): string[] {
    return this.#add(opType, input, {
      name,
      outputs: outputs.map((output) => `${name}.${output}`),
      attributes: {},
    });
  }

  /** Adds a constant. @returns its name */
  constant(constant: Constant): string {
    if (!this.#names.has(constant.name)) {
      this.#names.add(constant.name);
      this.constants.push(constant);
    }
    return constant.name;
  }

  /** Adds a list of whole numbers, as shapes are given. @returns its name */
  integers(name: string, values: readonly number[]): string {
    const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    const { byteLength } = bytes;
    return this.constant({
      name,
      dataType: DataType.INT64,
      shape: [values.length],
      byteLength,
      bytes: () => bytes,
    });
  }

  #add(
    opType: string,
    input: readonly string[],
    {
      name,
      outputs,
      attributes,
    }: { name: string; outputs: string[]; attributes: Readonly<Record<string, Attribute>> },
  ): string[] {
    const attribute = Object.entries(attributes).map(([key, value]) => attributeProto(key, value));
    this.nodes.push(create(NodeProtoSchema, { opType, name, input: [...input], output: outputs, attribute }));
    return outputs;
  }
}

function attributeProto(name: string, value: Attribute): AttributeProto {
  if (typeof value === "number")
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  if (typeof value === "string")
    return create(AttributeProtoSchema, {
      name,
      type: AttributeType.STRING,
      s: new TextEncoder().encode(value),
    });
  if ("float" in value)
    return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}
