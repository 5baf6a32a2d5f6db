export type { StateDict } from "@csl/internal/tensors/state-dict";
export { convertTimmStateDict } from "./convert-timm.js";
export { detectTResNet, detectTResNetBody } from "./detect-tresnet.js";
export type { FoldedTResNet } from "./fold-batch-norm.js";
export type { HeadPlan } from "./head-plan.js";
export { registerKernels } from "./kernels/register-kernels.js";
export type { LoadReport } from "./load-state-dict.js";
export type { DecoderOptions, DecoderSizes } from "./ml-decoder/decoder-sizes.js";
export { multiplyAdds } from "./multiply-adds.js";
export { planTResNet, type TResNetPlan } from "./network-plan.js";
export type { BlockPlan, ConvNormPlan, NetworkPlan, SqueezeExcitePlan } from "./plan.js";
export { type TResNetShape, type TResNetVariant, variants } from "./shape.js";
export {
  isParameter,
  stateDictShapes,
  type TResNetArchitecture,
  type TResNetOptions,
} from "./state-dict-shapes.js";
export { createTResNet, type TResNet } from "./tresnet.js";
export { type UnwrappedStateDict, unwrapStateDict } from "./unwrap-state-dict.js";
