import { buildTorch } from "@csl/tfjs-backend-torch";
import { buildFakeDevice } from "../../../../packages/tfjs-backend-torch/test/fake-device.js";
import type { Part } from "./part.js";

/** Compiles the torch engine's binding against the libtorch of this machine. */
export const bindingPart: Part = {
  name: "binding",
  share: 100,
  async run({ device, log }, signal) {
    const lines: string[] = [];
    const { path, version } = await buildTorch({
      log: (line) => {
        lines.push(line);
        log(line);
      },
      signal,
    });
    // What all programs that are started from here on take for CUDA.
    if (device === "fake") process.env.CSL_TORCH_DEVICE_LIBRARY = await buildFakeDevice({ log });
    return { lines: [...lines, `libtorch ${version}: ${path}`], data: { version } };
  },
};
