import { runReadme } from "@csl/test-support";
import { test } from "vitest";

test("the README's example prints what it says", () => runReadme(import.meta.dirname));
