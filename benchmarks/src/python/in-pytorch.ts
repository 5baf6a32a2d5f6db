import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StateDict, TResNetShape } from "@csl/tresnet";

/** What PyTorch is to work on. */
export interface HandedOver {
  shape: TResNetShape;
  classes: number;
  state: StateDict;
  /** [batches, batch, height, width, 3] */
  images: { shape: number[]; data: Float32Array };
  /** [batches, batch, classes] */
  labels: { shape: number[]; data: Float32Array };
}

/**
 * Runs a script of ../pytorch with the Python that CSL_PYTHON names, on a network and batches in a folder (handed_over.py
 * reads them), and returns what it prints as JSON.
 *
 * @param run what else the script reads from run.json
 */
export function inPyTorch<T>(
  script: string,
  { shape, classes, state, images, labels }: HandedOver,
  run: Record<string, unknown> = {},
): T {
  const folder = mkdtempSync(join(tmpdir(), "csl-pytorch-"));
  try {
    for (const [key, { data }] of state) writeFileSync(join(folder, `state.${key}.bin`), data);
    writeFileSync(join(folder, "images.bin"), images.data);
    writeFileSync(join(folder, "labels.bin"), labels.data);
    const description = {
      ...run,
      ...{ shape, classes, images: images.shape, labels: labels.shape },
      state: Object.fromEntries([...state].map(([key, { shape }]) => [key, shape])),
    };
    writeFileSync(join(folder, "run.json"), JSON.stringify(description));
    const path = fileURLToPath(new URL(`../../pytorch/${script}`, import.meta.url));
    const { stdout, stderr, status } = spawnSync(process.env.CSL_PYTHON ?? "python3", [path, folder], {
      encoding: "utf8",
    });
    if (status !== 0)
      throw new Error(`${script}: PyTorch ended with ${status}: ${stderr.trim().split("\n").at(-1)}`);
    return JSON.parse(stdout) as T;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
