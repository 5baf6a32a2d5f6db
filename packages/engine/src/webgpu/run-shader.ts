import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { GpuBackend } from "./gpu-backend.js";

/**
 * How a shader sees the numbers of a buffer. `half4`: four float16 in two words; `int` and `int4`: whole numbers that are read as
 * float32. Vectors want sizes that divide by 4.
 */
export type Element = "f32" | "i32" | "vec4f" | "half4" | "int" | "int4";

/** One buffer of a shader: a tensor, how its numbers are seen, and whether the shader writes it. */
export interface ShaderBuffer {
  tensor: TensorInfo;
  element: Element;
  write?: boolean;
}

/** A number that a shader gets with each call. */
export interface Word {
  type: "i32" | "f32";
  value: number;
}

export const int = (value: number): Word => ({ type: "i32", value });
export const float = (value: number): Word => ({ type: "f32", value });

export interface Dispatch {
  /** Kernel and pass: the label of the pipeline. */
  name: string;
  /** All that `code` depends on besides the elements of the buffers. */
  variant?: string;
  /**
   * By name. The first is written. Every one, and at least one word, must be used by the code: WebGPU leaves out what is not, and
   * then the layout does not fit.
   */
  buffers: Record<string, ShaderBuffer>;
  words: Record<string, Word>;
  /** Workgroups in x, y and z. */
  workgroups: [number, number, number];
  /** Functions and the entry point `main`. Has `load_<buffer>(i)` and `store_<buffer>(i, value)`, i in elements, and `words`. */
  code(): string;
}

const storage: Record<Element, string> = {
  f32: "f32",
  i32: "i32",
  vec4f: "vec4f",
  half4: "vec2u",
  int: "i32",
  int4: "vec4i",
};

/** Records one dispatch of a shader, in the backend's stream. */
export function runShader(backend: GpuBackend, { name, variant, ...rest }: Dispatch): void {
  const { buffers, words, workgroups, code } = rest;
  const entries = Object.entries(buffers);
  for (const [, { tensor }] of entries) makeResident(backend, tensor);
  const key = `csl ${name} ${variant ?? ""} ${entries.map(([, { element }]) => element).join()}`;
  backend.pipelineCache[key] ??= compile(backend.device, name, `${declarations(buffers, words)}\n${code()}`);
  const [output, ...inputs] = entries.map(
    ([, { tensor }]): TensorInfo => ({ dataId: tensor.dataId, shape: [1], dtype: tensor.dtype }),
  );
  backend.recordAndSubmit(
    // With an "op of pixels" the backend puts one word before ours, with another op a description of every shape.
    { pipeline: backend.pipelineCache[key], dispatch: workgroups, pixelsOpType: 0 },
    output!,
    inputs,
    Object.values(words).map(({ type, value }) => ({
      type: type === "i32" ? "int32" : "float32",
      data: [value],
    })),
  );
}

/** A buffer for the tensor, with its values if it has any. A tensor in float16 stays as it is. */
function makeResident(backend: GpuBackend, { dataId }: TensorInfo): void {
  if (!backend.tensorMap.get(dataId).resource) backend.uploadToGPU(dataId);
}

function compile(device: GPUDevice, label: string, code: string): GPUComputePipeline {
  const module = device.createShaderModule({ code, label });
  return device.createComputePipeline({ label, layout: "auto", compute: { module, entryPoint: "main" } });
}

function declarations(buffers: Record<string, ShaderBuffer>, words: Record<string, Word>): string {
  const entries = Object.entries(buffers);
  const fields = Object.entries(words).map(([name, { type }]) => `${name}: ${type},`);
  const lines = entries.map(
    ([name, { element, write }], i) =>
      `@group(0) @binding(${i}) var<storage, ${write ? "read_write" : "read"}> ${name}: array<${storage[element]}>;`,
  );
  return [
    `struct Words { before: i32, ${fields.join(" ")} }`,
    ...lines,
    `@group(0) @binding(${entries.length}) var<uniform> words: Words;`,
    ...entries.map(([name, { element, write }]) => access(name, element, write)),
  ].join("\n");
}

/** `load_x` and `store_x`: a vector of float32, whatever is stored. */
function access(name: string, element: Element, write?: boolean): string {
  if (element === "int") return `fn load_${name}(i: i32) -> f32 { return f32(${name}[i]); }`;
  if (element === "int4") return `fn load_${name}(i: i32) -> vec4f { return vec4f(${name}[i]); }`;
  if (element !== "half4") {
    const load = `fn load_${name}(i: i32) -> ${element} { return ${name}[i]; }`;
    return write ? `${load}\nfn store_${name}(i: i32, v: ${element}) { ${name}[i] = v; }` : load;
  }
  const load = `fn load_${name}(i: i32) -> vec4f {
  let h = ${name}[i];
  return vec4f(unpack2x16float(h.x), unpack2x16float(h.y));
}`;
  // What float16 cannot hold becomes its largest number: pack2x16float would leave open what it gives.
  const store = `fn store_${name}(i: i32, v: vec4f) {
  let c = clamp(v, vec4f(-65504.0), vec4f(65504.0));
  ${name}[i] = vec2u(pack2x16float(c.xy), pack2x16float(c.zw));
}`;
  return write ? `${load}\n${store}` : load;
}

/** Numbers that one workgroup in a row of workgroups handles by one dimension of the grid, where there may be many. */
const widest = 32768;

/** A grid of at least `count` workgroups; `groupIndex` tells a shader which one it is. */
export function gridOf(count: number, z = 1): [number, number, number] {
  return [Math.min(count, widest), Math.ceil(count / widest), z];
}

/** WGSL: the number of a workgroup of a grid made by {@link gridOf}. */
export const groupIndex: string = `fn groupIndex(group: vec3u) -> i32 { return i32(group.y * ${widest}u + group.x); }`;
