/**
 * The paper's COCO experiment: labels are dropped by a scheme, rps or fpc, and the whole method is run on what is left:
 *
 *     pnpm --filter @csl/example-coco-simulated start rps --data /path/to/COCO_2014 [any further flag of csl run]
 */
import { fileURLToPath } from "node:url";
import { runExample } from "@csl/example-smoke-runs";

process.chdir(fileURLToPath(new URL("../../..", import.meta.url))); // the repository's root

await runExample((csl, [scheme = "", ...words]) =>
  csl(["run", `coco-${scheme}`, "--path-dest", `outputs/coco-${scheme}`, ...words]),
);
