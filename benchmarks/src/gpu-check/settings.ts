import type { Settings } from "./parts/part.js";
import { speedCases } from "./speed/speed-cases.js";

/** "full" is for a GPU; "tiny" tries the program itself, on any machine. */
export const settingsByName: Readonly<Record<"full" | "tiny", Settings>> = {
  full: {
    cases: speedCases.full,
    agreementSteps: 50,
    scenes: { train: 1200, val: 400, epochs: 6, batch: 32 },
    waiting: { images: 256, copies: 16, epochs: 2, batch: 128, size: 224, network: "tresnet_m" },
  },
  tiny: {
    cases: speedCases.tiny,
    agreementSteps: 5,
    scenes: { train: 64, val: 32, epochs: 2, batch: 16 },
    waiting: { images: 16, copies: 2, epochs: 2, batch: 8, size: 64, network: "tresnet_tiny" },
  },
};
