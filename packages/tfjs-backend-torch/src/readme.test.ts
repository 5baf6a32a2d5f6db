import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runReadme } from "@csl/test-support";
import "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { compileTime, onTorch, withoutTorch } from "../test/use-torch.js";
import { forwardedKernels, kernelFamilies } from "./register-kernels.js";

const page = (name: string): string => readFileSync(join(import.meta.dirname, "..", name), "utf8");

test.skipIf(withoutTorch)(
  `the README's example runs on ${onTorch}`,
  () => runReadme(import.meta.dirname),
  compileTime,
);

test("INTERNALS.md names every kernel, of libtorch's and of the forwarded, and counts them", () => {
  const own = new Set(
    Object.values(kernelFamilies).flatMap((family) => family.map(({ kernelName }) => kernelName)),
  );
  const forwarded = forwardedKernels();
  const internals = page("INTERNALS.md");
  const words = new Set(internals.match(/\w+/g));
  expect([...own, ...forwarded].filter((name) => !words.has(name))).toEqual([]);
  expect(internals).toContain(`${own.size} kernels are libtorch's`);
  expect(internals).toContain(`${forwarded.length} go to the cpu backend`);
  // The same counts on the page of use.
  expect(page("README.md")).toContain(`${own.size} kernels are libtorch's, ${forwarded.length} more`);
});
