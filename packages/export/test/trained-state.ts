import { mulberry32 } from "@csl/internal/random/mulberry32";
import type { StateDict } from "@csl/internal/tensors/state-dict";
import { stateDictShapes, type TResNetOptions } from "@csl/tresnet";

/** Values as a training leaves them: norms of every sign, statistics that are not 0 and 1, filters of about unit gain. */
export function trainedState(model: TResNetOptions, seed = 1): StateDict {
  const random = mulberry32(seed);
  const uniform = (from: number, to: number): number => from + (to - from) * random();
  const drawFor = (key: string, shape: readonly number[]): (() => number) => {
    if (key.endsWith("running_var")) return () => uniform(0.5, 1.5);
    if (key.endsWith("running_mean") || key.endsWith("bias")) return () => uniform(-0.2, 0.2);
    if (shape.length === 1) return () => uniform(0.4, 1.2) * (random() < 0.2 ? -1 : 1);
    const inputs = shape.slice(1).reduce((a, b) => a * b, 1);
    return () => uniform(-1, 1) * Math.sqrt(3 / inputs);
  };
  return new Map(
    [...stateDictShapes(model)].map(([key, shape]) => {
      const value = drawFor(key, shape);
      const size = shape.reduce((a, b) => a * b, 1);
      return [key, { shape, data: Float32Array.from({ length: size }, value) }];
    }),
  );
}
