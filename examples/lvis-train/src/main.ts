/**
 * CSL on LVIS v1, the whole method:
 *
 *     pnpm --filter @csl/example-lvis-train start --data /data/lvis [any further flag of csl run]
 *     pnpm --filter @csl/example-lvis-train start --smoke        # a drawn miniature of the same files, in two minutes
 */
import { fileURLToPath } from "node:url";
import { runExample } from "@csl/example-smoke-runs";
import { smoke } from "./smoke.js";

process.chdir(fileURLToPath(new URL("../../..", import.meta.url))); // the repository's root

await runExample((csl, words) =>
  words.includes("--smoke") ? smoke(csl) : csl(["run", "lvis", "--path-dest", "outputs/lvis", ...words]),
);
