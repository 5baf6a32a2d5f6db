import { rm } from "node:fs/promises";
import { join } from "node:path";
import { drawScenes, type SceneSet } from "@csl/scenes";

export interface Miniature {
  out: string;
  scenes: SceneSet;
  /** Flags that make a run on it fit into a minute on two cores, and one step's checkpoint far from the next. */
  flags: readonly string[];
}

/** Draws a small image set in `out/<name>-smoke` and removes the run that was there; images are reused. */
export async function miniature(name: string): Promise<Miniature> {
  // The same engine everywhere, so that the stated time holds; CSL_ENGINE names another one that `csl engines` lists.
  process.env.CSL_ENGINE ??= "wasm";
  const out = join("out", `${name}-smoke`);
  const scenes = await drawScenes({
    folder: join(out, "scenes"),
    size: 64,
    train: 1024,
    val: 320,
    ood: 160,
    classes: 12,
  });
  await rm(join(out, "run"), { recursive: true, force: true });
  return {
    out,
    scenes,
    flags: [
      ...["--model-name", "tresnet_tiny", "--head", "linear", "--image-size", "48", "--augment", "none"],
      ...["--batch-size", "32", "--workers", "1", "--cache", "memory"],
      ...["--epochs", "8", "--lr", "0.01", "--ema-decay", "0.99", "--ema-warmup"],
      ...["--validate-every", "8", "--checkpoint-every", "8"],
      ...["--prior-threshold", "0.7", "--likelihood-topk", "1"],
    ],
  };
}
