import { join } from "node:path";
import { build } from "vite";
import { expect, test } from "vitest";

test("the package bundles for a browser with nothing of Node imported", async () => {
  const result = await build({
    configFile: false,
    logLevel: "silent",
    build: {
      write: false,
      minify: false,
      lib: { entry: join(import.meta.dirname, "index.ts"), formats: ["es"] },
    },
  });
  const [bundle] = Array.isArray(result) ? result : [result];
  if (!bundle || !("output" in bundle)) throw new Error("expected a bundle");
  expect(bundle.output).toHaveLength(1);
  expect(bundle.output[0].code).not.toMatch(/import[\s(].*node:|__vite-browser-external/);
});
