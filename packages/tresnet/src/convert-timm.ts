import { CslError } from "@csl/internal/errors/csl-error";
import type { StateDict, StateTensor } from "@csl/internal/tensors/state-dict";
import { detectTResNet } from "./detect-tresnet.js";
import { epsilon } from "./forward-parts.js";
import { withoutModulePrefix } from "./load-state-dict.js";

/**
 * Turns a timm checkpoint (`….conv.weight`, `….bn.*`) into the reference's names and meaning. timm stores the
 * effective norm weight |w| + 1e-5; we keep the raw one, so 1e-5 is taken off. Files of the reference are returned unchanged.
 */
export function convertTimmStateDict(given: ReadonlyMap<string, StateTensor>): StateDict {
  const state = withoutModulePrefix(given);
  if (!state.has("body.conv1.conv.weight")) return state;
  const strided = stridedConvolutions(state);
  const converted: StateDict = new Map();
  for (const [key, tensor] of state) {
    const match = /^(.*)\.(conv|bn)\.([^.]+)$/.exec(key);
    if (!match) {
      converted.set(key, tensor);
      continue;
    }
    const [, base = "", part, name = ""] = match;
    const inner = strided.has(base) ? `${base}.0` : base;
    const ours = `${inner}.${part === "conv" ? 0 : 1}.${name}`;
    converted.set(ours, part === "bn" && name === "weight" ? rawWeight(key, tensor) : tensor);
  }
  detectTResNet(converted); // refuses what is left over or missing
  return converted;
}

/** The convolutions with a blur: the first block of stages 2 to 4, conv1 of a basic block, conv2 of a bottleneck. */
function stridedConvolutions(state: ReadonlyMap<string, StateTensor>): Set<string> {
  const names = [2, 3, 4].map((stage) => {
    const block = `body.layer${stage}.0`;
    return state.has(`${block}.conv3.conv.weight`) ? `${block}.conv2` : `${block}.conv1`;
  });
  return new Set(names);
}

function rawWeight(key: string, { shape, data }: StateTensor): StateTensor {
  const raw = data.map((value) => Math.max(value - epsilon, 0));
  if (data.some((value) => value < 0))
    throw new CslError(
      "invalid-file",
      `convertTimmStateDict: expected norm weights of at least 0 (timm stores |w| + 1e-5), got a negative one in ${key}.`,
    );
  return { shape, data: raw };
}
