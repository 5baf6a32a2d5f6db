import { agreementPart } from "./agreement.js";
import { bindingPart } from "./binding.js";
import { capturePart } from "./capture.js";
import { deviceTestsPart } from "./device-tests.js";
import type { Part } from "./part.js";
import { shortTrainingPart } from "./short-training.js";
import { speedPart } from "./speed.js";
import { waitingPart } from "./waiting.js";

/** In the order in which they run. The last takes the time that the others leave. */
export const parts: readonly Part[] = [
  bindingPart,
  deviceTestsPart,
  agreementPart,
  capturePart,
  shortTrainingPart,
  waitingPart,
  speedPart,
];
