import { runReadme } from "@csl/test-support";
import { it } from "vitest";

it("prints what the README's example says", () => runReadme(import.meta.dirname));
