import { checkOptions } from "@csl/internal/errors/check-options";
import { epsilon } from "./forward-parts.js";
import { type HeadPlan, planHead } from "./head-plan.js";
import { attentionHeads, checkDecoderOptions } from "./ml-decoder/decoder-sizes.js";
import { type NetworkPlan, planNetwork } from "./plan.js";
import { resolveShape } from "./shape.js";
import type { TResNetOptions } from "./state-dict-shapes.js";

/** The layers of a model as data, for whoever writes it in another format. Keys are those of the state dict. */
export interface TResNetPlan {
  readonly body: NetworkPlan;
  readonly head: HeadPlan;
  /** What a norm adds to the variance and to |weight|. */
  readonly epsilon: number;
  /** Of the attention of an ML-Decoder. */
  readonly attentionHeads: number;
}

/**
 * Lists the layers of a model without building it.
 *
 * @throws CslError `unknown-option` or `invalid-argument` for options and shapes
 */
export function planTResNet(options: TResNetOptions): TResNetPlan {
  checkOptions("planTResNet", options, { variant: true, numClasses: true, head: true, decoder: true });
  checkDecoderOptions(options.decoder);
  const body = planNetwork(resolveShape(options.variant));
  return { body, head: planHead(options), epsilon, attentionHeads };
}
