import { abnAffine, abnApply, abnGradientApply, abnGradientFactors, abnStatistics } from "./abn";
import { adam } from "./adam";
import { averagePool, averagePoolGradient } from "./average-pool";
import { blurPool, blurPoolGradient } from "./blur-pool";
import { abnGradientSums, channelMoments } from "./channel-sums";
import { depthwiseFilterGradient, depthwiseInputGradient } from "./depthwise-gradient";
import { addRelu, addReluGradient, weightedSum } from "./elementwise";
import { gatherConv } from "./gather-conv";
import { packWeights } from "./pack-weights";
import { outerProducts, squeezeExcite, squeezeExciteGradient } from "./squeeze-excite";
import { weightGradient } from "./weight-gradient";

// Runs one item of a task. The numbers are those of src/wasm/task.ts.
export function execute(task: i32, args: usize, item: i32): void {
  switch (task) {
    case 0:
      packWeights(args, item);
      break;
    case 1:
      gatherConv(args, item);
      break;
    case 2:
      weightGradient(args, item);
      break;
    case 3:
      depthwiseInputGradient(args, item);
      break;
    case 4:
      depthwiseFilterGradient(args, item);
      break;
    case 5:
      channelMoments(args, item);
      break;
    case 6:
      abnStatistics(args, item);
      break;
    case 7:
      abnAffine(args, item);
      break;
    case 8:
      abnApply(args, item);
      break;
    case 9:
      abnGradientSums(args, item);
      break;
    case 10:
      abnGradientFactors(args, item);
      break;
    case 11:
      abnGradientApply(args, item);
      break;
    case 12:
      addRelu(args, item);
      break;
    case 13:
      addReluGradient(args, item);
      break;
    case 14:
      weightedSum(args, item);
      break;
    case 15:
      adam(args, item);
      break;
    case 16:
      blurPool(args, item);
      break;
    case 17:
      blurPoolGradient(args, item);
      break;
    case 18:
      averagePool(args, item);
      break;
    case 19:
      averagePoolGradient(args, item);
      break;
    case 20:
      squeezeExcite(args, item);
      break;
    case 21:
      squeezeExciteGradient(args, item);
      break;
    case 22:
      outerProducts(args, item);
      break;
    default:
      unreachable();
  }
}
