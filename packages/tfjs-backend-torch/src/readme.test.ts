import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runReadme } from "@csl/test-support";
import "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { kernelFamilies } from "./kernel-families.js";
import { forwardedKernels } from "./register-kernels.js";
import { compileTime, onTorch, withoutTorch } from "./test-torch.js";

const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");

test.skipIf(withoutTorch)(
  `the README's example runs on ${onTorch}`,
  () => runReadme(import.meta.dirname),
  compileTime,
);

test("the README names every kernel, of libtorch's and of the forwarded, and counts them", () => {
  const own = new Set(
    Object.values(kernelFamilies).flatMap((family) => family.map(({ kernelName }) => kernelName)),
  );
  const forwarded = forwardedKernels();
  const words = new Set(readme.match(/\w+/g));
  expect([...own, ...forwarded].filter((name) => !words.has(name))).toEqual([]);
  expect(readme).toContain(`${own.size} kernels are libtorch's`);
  expect(readme).toContain(`${forwarded.length} go to the cpu backend`);
});
