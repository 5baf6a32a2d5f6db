import type { StateDict, StateTensor } from "@csl/internal/tensors/state-dict";
import { detectTResNetBody } from "./detect-tresnet.js";
import { epsilon } from "./forward-parts.js";
import { renameTimmDecoder } from "./ml-decoder/rename-timm-decoder.js";
import { unwrapStateDict } from "./unwrap-state-dict.js";

/**
 * Turns a timm checkpoint (`….conv.weight`, `….bn.*`) into the reference's names and meaning. timm's norms multiply by
 * their weight γ, ours by |w| + 1e-5. So w is |γ| - 1e-5, and where γ is negative the channel's filter and running mean
 * change their sign, which gives the same numbers: γ·(c - μ) = (-γ)·(-c - (-μ)). Where |γ| is below 1e-5 they are
 * multiplied by |γ| / 1e-5 as well. The tensors of an ML-Decoder get the reference's places. Files of the reference keep
 * their values; wrappers' prefixes are taken off.
 *
 * @throws CslError `mismatch` when the body is not a whole TResNet's.
 */
export function convertTimmStateDict(given: ReadonlyMap<string, StateTensor>): StateDict {
  const { state: bare } = unwrapStateDict(given);
  const state = new Map([...bare].map(([key, tensor]) => [renameTimmDecoder(key), tensor]));
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
    const gamma = state.get(`${base}.bn.weight`)?.data ?? new Float32Array(0);
    converted.set(
      `${inner}.${part === "conv" ? 0 : 1}.${name}`,
      convertTensor(name, tensor, { part, gamma }),
    );
  }
  detectTResNetBody(converted); // refuses what is left over or missing
  return converted;
}

/** @param gamma the norm's weights of the channels that the tensor belongs to */
function convertTensor(
  name: string,
  { shape, data }: StateTensor,
  { part, gamma }: { part: string | undefined; gamma: Float32Array },
): StateTensor {
  if (part === "bn" && name === "weight")
    return { shape, data: data.map((value) => Math.max(Math.abs(value) - epsilon, 0)) };
  const perChannel = data.length / gamma.length;
  // A shape that does not fit stays for the check of all shapes.
  if (!(part === "conv" || name === "running_mean") || !Number.isInteger(perChannel)) return { shape, data };
  if (gamma.every((value) => value >= epsilon)) return { shape, data };
  const factors = gamma.map((value) => Math.sign(value) * Math.min(Math.abs(value) / epsilon, 1));
  return { shape, data: data.map((value, i) => value * factors[Math.floor(i / perChannel)]!) };
}

/** The convolutions with a blur: the first block of stages 2 to 4, conv1 of a basic block, conv2 of a bottleneck. */
function stridedConvolutions(state: ReadonlyMap<string, StateTensor>): Set<string> {
  const names = [2, 3, 4].map((stage) => {
    const block = `body.layer${stage}.0`;
    return state.has(`${block}.conv3.conv.weight`) ? `${block}.conv2` : `${block}.conv1`;
  });
  return new Set(names);
}
