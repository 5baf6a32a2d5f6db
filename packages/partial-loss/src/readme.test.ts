import { runReadme } from "@csl/test-support";
import { test } from "vitest";

test("the README's example prints what it says", async () => {
  await runReadme(import.meta.dirname);
});
