import type { CaptureStep, Engine } from "@csl/engine";

/**
 * What `--cuda-graphs` asks for.
 *
 * @throws when the engine has none: who asks for it would learn of a slower training only after hours.
 */
export function captureStepOf({ captureStep, name, device }: Engine): CaptureStep {
  if (captureStep) return captureStep;
  throw new Error(
    `csl train: expected an engine that replays CUDA graphs for --cuda-graphs, got ${name} on ${device}. ` +
      "Take --engine torch-cuda with CUDA's headers installed, or leave --cuda-graphs out: the numbers are the same.",
  );
}
