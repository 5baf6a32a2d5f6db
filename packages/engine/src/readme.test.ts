import { runReadme } from "@csl/test-support";
import { it } from "vitest";

it("README example prints what it says", () => runReadme(import.meta.dirname));
