import type { Network } from "../network/exported-model.js";
import type { Arithmetic } from "./arithmetic.js";
import { addLinear } from "./linear.js";
import { addDecoder } from "./ml-decoder.js";

/** The body's map [batch, channels, height, width] -> logits [batch, classes]. */
export function addHead(network: Network, arithmetic: Arithmetic, map: string): string {
  const { head } = network.plan;
  if (head.kind === "ml-decoder") return addDecoder(network, arithmetic, map, head);
  const { graph } = arithmetic;
  const pooled = graph.node("GlobalAveragePool", [map], { name: "head.pool" });
  const flat = graph.node("Flatten", [pooled], { name: "head.flat" });
  const keys = head.kind === "linear" ? ["head.fc"] : ["head.fc.embedding_generator.0", "head.fc.FC"];
  return keys.reduce((x, key) => addLinear(network, arithmetic, x, key), flat);
}
