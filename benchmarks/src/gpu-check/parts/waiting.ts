import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repeatImages } from "../data-sets.js";
import { devices } from "../device.js";
import type { Part } from "./part.js";
import { trainByCommand } from "./train-command.js";

/** `csl train` on image files: the share of an epoch in which the device waits for images. */
export const waitingPart: Part = {
  name: "waiting for images",
  share: 40,
  needsBinding: true,
  async run({ device, settings, data }, signal) {
    const { copies, epochs, batch, size, network } = settings.waiting;
    const folder = await mkdtemp(join(tmpdir(), "gpu-check-"));
    try {
      const images = await repeatImages((await data).large, join(folder, "data"), copies);
      const result = await trainByCommand(
        join(folder, "run"),
        [
          ...["--data", images, "--engine", devices[device].engine, "--precision", "bf16"],
          ...["--model-name", network, "--image-size", size, "--batch-size", batch, "--lr", 1e-4],
          ...["--epochs", epochs, "--validate-every", epochs, "--allow-overlap"],
        ],
        signal,
      );
      // The first epoch chooses algorithms and compiles JavaScript.
      const last = result.epochs.at(-1)!;
      const share = last.waitedSeconds / last.seconds;
      const line =
        `${network}, ${size} pixels, batch ${batch}, reference augmentation: ${(last.images / last.seconds).toFixed(0)} images a second, ` +
        `${(100 * share).toFixed(1)} % of the time waiting for images`;
      return { lines: [line], data: { share, imagesPerSecond: last.images / last.seconds } };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
