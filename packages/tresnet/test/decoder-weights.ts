import type { StateDict } from "@csl/internal/tensors/state-dict";
import { parityUniform } from "./parity-weights.js";

/** An ML-Decoder head whose values both languages derive from keys and shapes (tooling/reference/ml_decoder.py). */
export function decoderWeights(shapes: Iterable<readonly [string, readonly number[]]>): StateDict {
  return new Map([...shapes].map(([key, shape]) => [key, { shape: [...shape], data: values(key, shape) }]));
}

function values(key: string, shape: readonly number[]): Float32Array {
  const uniform = parityUniform(
    key,
    shape.reduce((a, b) => a * b, 1),
  );
  const normWeight = key.includes("norm") && key.endsWith("weight");
  return uniform.map((u) => {
    if (key.includes("query_embed")) return u * Math.sqrt(3);
    if (shape.length >= 2) return u * Math.sqrt(3 / shape[1]!);
    return normWeight ? 1 + u / 2 : u / 10;
  });
}
