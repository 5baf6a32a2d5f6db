import { library } from "../../tsup.base.js";

export default library({
  entry: {
    index: "src/index.ts",
    "command/index": "src/command/index.ts",
    "command/main": "src/command/main.ts",
  },
});
