import { CslError } from "@csl/internal/errors/csl-error";
import type { Scope } from "../define-kernel.js";

const activations: Record<string, (x: number, scope: Scope, alpha: number) => number> = {
  linear: (x) => x,
  relu: (x, { op }) => op("relu", x),
  relu6: (x, { op }) => op("clamp", x, 0, 6),
  elu: (x, { op }) => op("elu", x),
  sigmoid: (x, { op }) => op("sigmoid", x),
  leakyrelu: (x, { op }, alpha) => op("leaky_relu", x, alpha),
};

/** The activation that a fused kernel ends with. `weights` are PReLU's, in a shape that broadcasts. */
export function activate(
  x: number,
  { activation = "linear", leakyreluAlpha = 0.2 }: { activation?: string; leakyreluAlpha?: number },
  scope: Scope,
  weights?: number,
): number {
  if (activation === "prelu") return prelu(x, weights!, scope);
  const apply = activations[activation];
  if (!apply) {
    const names = [...Object.keys(activations), "prelu"].join(", ");
    throw new CslError(
      "unsupported",
      `torch: expected one of the activations ${names}, got "${activation}".`,
    );
  }
  return apply(x, scope, leakyreluAlpha);
}

/** alpha · x where x < 0, else x. */
export function prelu(x: number, alpha: number, { op }: Scope): number {
  return op("where.self", op("lt.Scalar", x, 0), op("mul.Tensor", alpha, x), x);
}
