import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { devices } from "../device.js";
import type { Part } from "./part.js";
import { trainByCommand } from "./train-command.js";

/** bf16 may cost so many points of mAP in a short training, in which a seed alone costs about as much. */
const tolerance = 4;

/** The same short training in both precisions: what bfloat16 costs in the end. */
export const shortTrainingPart: Part = {
  name: "short training",
  share: 60,
  needsBinding: true,
  async run({ device, settings, data }, signal) {
    const { small } = await data;
    const { epochs, batch } = settings.scenes;
    const folder = await mkdtemp(join(tmpdir(), "gpu-check-"));
    try {
      const maps: Record<string, number> = {};
      for (const precision of ["float32", "bf16"]) {
        const { map } = await trainByCommand(
          join(folder, precision),
          [
            ...["--data", small, "--engine", devices[device].engine, "--precision", precision],
            ...["--model-name", "tresnet_tiny", "--image-size", 64, "--batch-size", batch, "--lr", 0.01],
            ...["--gamma-neg", 0, "--epochs", epochs, "--validate-every", epochs, "--augment", "none"],
            ...["--cache", "memory", "--workers", 2, "--ema-decay", 0.99, "--ema-warmup", "--seed", 1],
          ],
          signal,
        );
        maps[precision] = map;
      }
      const [exact, rounded] = [maps.float32!, maps.bf16!];
      const line = `mAP(C) after ${epochs} epochs: ${exact.toFixed(2)} in float32, ${rounded.toFixed(2)} in bf16 (goal: ${tolerance} points apart at most)`;
      return { lines: [line], failed: !(Math.abs(exact - rounded) <= tolerance), data: maps };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
