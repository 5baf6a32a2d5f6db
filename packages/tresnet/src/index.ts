export type { StateDict, StateTensor } from "@csl/internal/tensors/state-dict";
export { convertTimmStateDict } from "./convert-timm.js";
export { type DetectedTResNet, detectTResNet } from "./detect-tresnet.js";
export type { FoldedTResNet } from "./fold-batch-norm.js";
export { registerKernels } from "./kernels/register-kernels.js";
export type { LoadReport } from "./load-state-dict.js";
export { type BlockKind, type PerStage, type TResNetShape, type TResNetVariant, variants } from "./shape.js";
export { isParameter, stateDictShapes, type TResNetHead, type TResNetOptions } from "./state-dict-shapes.js";
export { createTResNet, type ForwardOptions, type TResNet, type TResNetConfig } from "./tresnet.js";
