import { expect, it } from "vitest";
import { adviceAsCommands } from "./diagnose-command.js";

it("advice is given as it is typed, with the threshold that it needs", () => {
  const advice = { mode: "selective", alone: "ignore", reason: "", priorThreshold: 0.45 } as const;
  expect(adviceAsCommands(advice, { data: "d", labels: "l" })).toEqual([
    "  csl train --data d --labels l --partial-loss-mode ignore --path-dest ignore",
    "  csl estimate-prior --data d --model-path ignore/best.safetensors --out prior.json",
    "  csl train --data d --labels l --partial-loss-mode selective --prior-path prior.json --prior-threshold 0.45 --path-dest selective",
  ]);
  expect(adviceAsCommands({ mode: "negative", alone: "negative", reason: "" }, { data: "d" })).toEqual([
    "  csl train --data d --partial-loss-mode negative --path-dest run",
  ]);
});
