/** A node of TensorFlow's GraphDef, as JSON has it. */
export interface GraphNode {
  name: string;
  op: string;
  input?: string[];
  attr: Record<string, unknown>;
}

/** A constant, whose numbers are in the file of weights. */
export interface WeightEntry {
  name: string;
  shape: readonly number[];
  dtype: "float32" | "int32";
  make: () => Float32Array | Int32Array;
}

/** An attribute as JSON has it. */
type AttributeValue = Readonly<Record<string, unknown>>;

interface Attributes {
  text(value: string): AttributeValue;
  texts(values: readonly string[]): AttributeValue;
  integer(value: number): AttributeValue;
  integers(values: readonly number[]): AttributeValue;
  float(value: number): AttributeValue;
  bool(value: boolean): AttributeValue;
}

/** Attributes: texts are in base 64, whole numbers are texts. */
export const attr: Attributes = {
  text: (value) => ({ s: btoa(value) }),
  texts: (values) => ({ list: { s: values.map((value) => btoa(value)) } }),
  integer: (value) => ({ i: String(value) }),
  integers: (values) => ({ list: { i: values.map(String) } }),
  float: (value) => ({ f: value }),
  bool: (value) => ({ b: value }),
};

const float = { type: "DT_FLOAT" };
const integer = { type: "DT_INT32" };

/** Collects nodes and weights. What a layer gives is the name of its node. */
export class GraphNodes {
  readonly nodes: GraphNode[] = [];
  readonly weights: WeightEntry[] = [];
  readonly #names = new Set<string>();

  node(op: string, name: string, input: readonly string[], attributes: Record<string, unknown> = {}): string {
    this.nodes.push({ name, op, input: [...input], attr: { T: float, ...attributes } });
    return name;
  }

  placeholder(name: string, axes: readonly number[]): string {
    this.nodes.push({ name, op: "Placeholder", attr: { dtype: float, shape: { shape: shapeOf(axes) } } });
    return name;
  }

  numbers(name: string, shape: readonly number[], make: () => Float32Array): string {
    return this.#constant({ name, shape, dtype: "float32", make });
  }

  integers(name: string, values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#constant({ name, shape, dtype: "int32", make: () => Int32Array.from(values) });
  }

  #constant(entry: WeightEntry): string {
    const { name, shape } = entry;
    if (this.#names.has(name)) return name;
    this.#names.add(name);
    this.weights.push(entry);
    const type = entry.dtype === "int32" ? integer : float;
    const tensor = { dtype: type.type, tensorShape: shapeOf(shape) };
    this.nodes.push({ name, op: "Const", attr: { dtype: type, value: { tensor } } });
    return name;
  }
}

export function shapeOf(axes: readonly number[]): { dim: { size: string }[] } {
  return { dim: axes.map((size) => ({ size: String(size) })) };
}
