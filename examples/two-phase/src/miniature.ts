import { rm } from "node:fs/promises";
import { join } from "node:path";
import { drawScenes, type SceneSet } from "@csl/scenes";
import type { Flags } from "./csl.js";

export interface Miniature {
  out: string;
  scenes: SceneSet;
  /** Flags that make a training of it fit into seconds on two cores. */
  training: Flags;
}

/** Draws a small image set in `out/<name>-smoke` and removes what an earlier run left there; images are reused. */
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
  for (const part of ["ignore", "csl", "steps.json"])
    await rm(join(out, part), { recursive: true, force: true });
  return {
    out,
    scenes,
    training: {
      "model-name": "tresnet_tiny",
      head: "linear",
      "image-size": 48,
      "batch-size": 32,
      workers: 1,
      epochs: 8,
      "validate-every": 8,
      lr: 0.01,
      augment: "none",
      cache: "memory",
      "ema-decay": 0.99,
      "ema-warmup": true,
      "checkpoint-every": 8,
    },
  };
}
