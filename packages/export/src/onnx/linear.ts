import type { Network } from "../network/exported-model.js";
import { transposed } from "../network/transposed.js";
import type { Arithmetic } from "./arithmetic.js";

/** A Linear layer of the state dict: x [.., in] -> [.., out]. */
export function addLinear({ tensor }: Network, arithmetic: Arithmetic, x: string, key: string): string {
  const { shape, data } = tensor(`${key}.weight`);
  const [outputs = 0, inputs = 0] = shape;
  return arithmetic.linear(x, {
    name: key,
    weight: { shape: [inputs, outputs], make: () => transposed(data, outputs, inputs) },
    bias: { shape: [outputs], make: () => tensor(`${key}.bias`).data },
  });
}
