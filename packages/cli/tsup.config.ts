import { library } from "../../tsup.base.js";

export default library({
  entry: { index: "src/index.ts", main: "src/main.ts" },
  dts: { entry: "src/index.ts" },
});
