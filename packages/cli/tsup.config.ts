import { library } from "../../tsup.base.js";

export default library({
  // The step that `csl engines --measure` times is loaded by itself, from next to the module that names it.
  entry: { index: "src/index.ts", main: "src/main.ts", "training-step": "src/engine/training-step.ts" },
  dts: { entry: "src/index.ts" },
});
