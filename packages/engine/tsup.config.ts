import { library } from "../../tsup.base.js";

export default library({
  entry: {
    index: "src/index.ts",
    browser: "src/browser.ts",
    // Next to the index, where the module that starts it looks once it is bundled into it.
    "time-engine-program": "src/order/time-engine-program.ts",
  },
});
