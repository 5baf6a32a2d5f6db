/**
 * CSL on LVIS v1, both phases:
 *
 *     pnpm --filter @csl/example-lvis-train start --data /data/lvis [any further flag of csl train]
 *     pnpm --filter @csl/example-lvis-train start --smoke        # a drawn miniature of the same files, in a minute
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { configFile, parseFlags, runExample, splitFlags, twoPhases } from "@csl/example-two-phase";
import { smoke } from "./smoke.js";

process.chdir(fileURLToPath(new URL("../../..", import.meta.url))); // the repository's root
const configs = { ignore: configFile(import.meta.url, "ignore"), csl: configFile(import.meta.url, "csl") };

await runExample(async (csl, words) => {
  if (words.includes("--smoke")) return smoke(csl, configs);
  const { "path-dest": out = join("outputs", "lvis"), ...flags } = parseFlags(words);
  const { data, training } = splitFlags(flags);
  await twoPhases(csl, { out: String(out), data, training, configs });
});
