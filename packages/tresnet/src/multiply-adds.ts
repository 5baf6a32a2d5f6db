import { checkOptions } from "@csl/internal/errors/check-options";
import { checkRange } from "@csl/internal/errors/check-values";
import { planHead } from "./head-plan.js";
import { type BlockPlan, type ConvNormPlan, planNetwork } from "./plan.js";
import { resolveShape } from "./shape.js";
import { stateDictShapes, type TResNetOptions } from "./state-dict-shapes.js";

/**
 * Multiplications with additions that the convolutions and the head need for one square image, forward: how much work a
 * network is, whatever computes it. Squeeze-and-excitation, norms and pools, less than a hundredth, are left out. A backward pass needs twice
 * as many.
 *
 * @param size side of the image
 */
export function multiplyAdds(options: TResNetOptions, size: number): number {
  checkOptions("multiplyAdds", options, { variant: true, numClasses: true, head: true, decoder: true });
  checkRange("multiplyAdds", "size", size, { from: 1 });
  planHead(options); // checks it
  const plan = planNetwork(resolveShape(options.variant));
  let side = Math.ceil(size / 4);
  let sum = convolution(plan.stem, side);
  for (const block of plan.stages.flat()) {
    sum += ofBlock(block, side);
    if (block.stride === 2) side = Math.ceil(side / 2);
  }
  return sum + ofHead(options);
}

function convolution({ inChannels, outChannels, kernel }: ConvNormPlan, side: number): number {
  return side ** 2 * inChannels * outChannels * kernel ** 2;
}

/** A blur halves the side behind its convolution; the shortcut's is halved before. */
function ofBlock({ convs, downsample, stride }: BlockPlan, side: number): number {
  let at = side;
  let sum = 0;
  for (const conv of convs) {
    sum += convolution(conv, at);
    if (conv.blur) at = Math.ceil(at / 2);
  }
  return sum + (downsample ? convolution(downsample, Math.ceil(side / stride)) : 0);
}

/** Each weight of a linear layer counts once; those of the ML-Decoder, which has few positions, too. */
function ofHead(options: TResNetOptions): number {
  return [...stateDictShapes(options)]
    .filter(([key, shape]) => key.startsWith("head.") && shape.length > 1)
    .reduce((sum, [, shape]) => sum + shape.reduce((a, b) => a * b, 1), 0);
}
