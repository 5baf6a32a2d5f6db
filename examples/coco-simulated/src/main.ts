/**
 * The paper's COCO experiment: simulate partial labels, train the temporary model in Ignore mode, estimate the prior,
 * train CSL on the same labels.
 *
 *     pnpm --filter @csl/example-coco-simulated start rps --data /path/to/COCO_2014 [any further flag of csl train]
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "@csl/cli";

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const [scheme = "", ...flags] = process.argv.slice(2);
const config = join(here, "configs", `${scheme}.json`);
if (!existsSync(config)) {
  console.error(
    `Expected the scheme rps or fpc, got "${scheme}".\nUsage: start rps --data /path/to/COCO_2014 [flags of csl train]`,
  );
  process.exit(1);
}
const out = flagValue("--path-dest") ?? join(process.cwd(), "outputs", `coco-${scheme}`);
const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort());

const temporary = join(out, "ignore");
const prior = join(out, "prior.json");
await csl("train", "--config", config, ...flags, "--partial-loss-mode", "ignore", "--path-dest", temporary);
await csl(
  ...["estimate-prior", ...dataFlags(), "--model-path", join(temporary, "best.safetensors"), "--out", prior],
);
await csl(
  ...["train", "--config", config, ...flags, "--partial-loss-mode", "selective", "--prior-path", prior],
  ...["--labels", join(temporary, "labels"), "--path-dest", join(out, "csl")],
);

async function csl(...args: string[]): Promise<void> {
  if (interrupted.signal.aborted) process.exit(130);
  console.log(`\n$ csl ${args.join(" ")}`);
  await runCommand(args, { signal: interrupted.signal });
}

/** The flags that say where and how images are read; `csl estimate-prior` takes no others of training. */
function dataFlags(): string[] {
  const names = ["--data", "--images", "--coco-images", "--workers", "-j", "--batch-size", "-b", "--engine"];
  return names.flatMap((name) => {
    const value = flagValue(name);
    return value === undefined ? [] : [name, value];
  });
}

function flagValue(name: string): string | undefined {
  const index = flags.lastIndexOf(name);
  return index < 0 ? undefined : flags[index + 1];
}
