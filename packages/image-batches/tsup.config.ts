import { library } from "../../tsup.base.js";

export default library({
  // Workers are next to the index, where the modules that start them look once they are bundled into it.
  entry: {
    index: "src/index.ts",
    "image-worker": "src/workers/image-worker.ts",
  },
  dts: { entry: "src/index.ts" },
});
