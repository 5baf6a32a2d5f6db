/** A filter [out, in, height, width] as [height, width, in, out]. */
export function heightWidthInOut(
  data: Float32Array,
  [out, inputs, height, width]: readonly [out: number, inputs: number, height: number, width: number],
): Float32Array {
  const area = height * width;
  const turned = new Float32Array(data.length);
  let at = 0;
  for (let o = 0; o < out; o++)
    for (let i = 0; i < inputs; i++)
      for (let k = 0; k < area; k++) turned[(k * inputs + i) * out + o] = data[at++]!;
  return turned;
}
