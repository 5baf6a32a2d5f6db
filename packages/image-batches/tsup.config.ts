import { library } from "../../tsup.base.js";

export default library({
  // Workers are next to the index, where the modules that start them look once they are bundled into it.
  entry: {
    index: "src/index.ts",
    browser: "src/browser.ts",
    "image-worker": "src/workers/image-worker.ts",
  },
  dts: { entry: { index: "src/index.ts", browser: "src/browser.ts" } },
});
