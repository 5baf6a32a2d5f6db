import { runReadme } from "@csl/test-support";
import { test } from "vitest";

test("the README's example runs and prints what it says", async () => {
  await runReadme(import.meta.dirname);
});
