/**
 * The paper's COCO experiment: simulate partial labels, train the temporary model in Ignore mode, estimate the prior,
 * train CSL on the same labels. Repeated, it skips what is finished and resumes what is not.
 *
 *     pnpm --filter @csl/example-coco-simulated start rps --data /path/to/COCO_2014 [any further flag of csl train]
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { configFile, parseFlags, runExample, splitFlags, twoPhases } from "@csl/example-two-phase";

await runExample(async (csl, [scheme = "", ...words]) => {
  const config = configFile(import.meta.url, scheme);
  if (!existsSync(config))
    throw new Error(
      `Expected the scheme rps or fpc, got "${scheme}".\nUsage: start rps --data /path/to/COCO_2014 [flags of csl train]`,
    );
  const { "path-dest": out = join("outputs", `coco-${scheme}`), ...flags } = parseFlags(words);
  const { data, training } = splitFlags(flags);
  const configs = { ignore: config, csl: config };
  await twoPhases(csl, { out: String(out), data, training, configs, simulated: true });
});
