/** TensorFlow.js shape of a PyTorch one: filters OIHW -> HWIO, Linear [out, in] -> [in, out], the rest unchanged. */
export function fromTorchShape(shape: readonly number[]): number[] {
  if (shape.length === 4) return [shape[2]!, shape[3]!, shape[1]!, shape[0]!];
  return shape.length === 2 ? [shape[1]!, shape[0]!] : [...shape];
}

/** Values of a PyTorch tensor in TensorFlow.js order. The result is the input itself where the orders agree. */
export function fromTorchLayout(data: Float32Array, shape: readonly number[]): Float32Array {
  const sizes = matrixSizes(shape);
  return sizes ? transpose(data, sizes) : data;
}

/** The inverse of {@link fromTorchLayout}; `shape` is still PyTorch's. */
export function toTorchLayout(data: Float32Array, shape: readonly number[]): Float32Array {
  const sizes = matrixSizes(shape);
  return sizes ? transposeBack(data, sizes) : data;
}

interface Sizes {
  out: number;
  inputs: number;
  area: number;
}

function matrixSizes(shape: readonly number[]): Sizes | null {
  const [out, inputs, height = 1, width = 1] = shape;
  if (shape.length !== 2 && shape.length !== 4) return null;
  return { out: out!, inputs: inputs!, area: height * width };
}

// [out][in][area] -> [area][in][out]: in squares of the two long axes, so that neither side jumps through memory.
const tile = 32;

function transpose(torch: Float32Array, { out, inputs, area }: Sizes): Float32Array {
  const ours = new Float32Array(torch.length);
  for (let o0 = 0; o0 < out; o0 += tile)
    for (let i0 = 0; i0 < inputs; i0 += tile)
      for (let i = i0; i < Math.min(i0 + tile, inputs); i++)
        for (let k = 0; k < area; k++)
          for (let o = o0, end = Math.min(o0 + tile, out); o < end; o++)
            ours[(k * inputs + i) * out + o] = torch[(o * inputs + i) * area + k]!;
  return ours;
}

function transposeBack(ours: Float32Array, { out, inputs, area }: Sizes): Float32Array {
  const torch = new Float32Array(ours.length);
  for (let o0 = 0; o0 < out; o0 += tile)
    for (let i0 = 0; i0 < inputs; i0 += tile)
      for (let i = i0; i < Math.min(i0 + tile, inputs); i++)
        for (let k = 0; k < area; k++)
          for (let o = o0, end = Math.min(o0 + tile, out); o < end; o++)
            torch[(o * inputs + i) * area + k] = ours[(k * inputs + i) * out + o]!;
  return torch;
}
