import { defineConfig } from "tsup";

export default defineConfig({
  // Workers lie beside the index, where the modules that start them look once they are bundled into it.
  entry: {
    index: "src/index.ts",
    "picture-worker": "src/picture-worker.ts",
    "shrink-worker": "src/prepare/shrink-worker.ts",
  },
  format: ["esm"],
  dts: { entry: "src/index.ts" },
  sourcemap: true,
  clean: true,
  target: "node20",
});
