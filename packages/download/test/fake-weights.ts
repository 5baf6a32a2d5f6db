/** A safetensors file of one tensor with so many bytes, which depend on the seed. */
export function fakeWeights(bytes: number, seed = 1): Buffer {
  const header = JSON.stringify({
    "head.fc.weight": { dtype: "U8", shape: [bytes], data_offsets: [0, bytes] },
  });
  const padded = Buffer.from(header.padEnd(Math.ceil(header.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeUInt32LE(padded.length);
  return Buffer.concat([length, padded, Buffer.alloc(bytes, `weights ${seed} `)]);
}
