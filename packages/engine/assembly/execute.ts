import { depthwiseFilterGradient, depthwiseInputGradient } from "./depthwise-gradient";
import { gatherConv } from "./gather-conv";
import { packWeights } from "./pack-weights";
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
    default:
      unreachable();
  }
}
