import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, it } from "vitest";
import { logEntry, loggedSeconds, loggedValidations } from "./run-records.js";

const { at, file } = temporaryFolder();

it("lists every epoch once, the later of two, and skips lines that are cut off", async () => {
  const path = file(
    "log.jsonl",
    [
      '{"type":"start","epoch":0}',
      '{"type":"validation","epoch":0,"raw":{"mapC":0.1},"best":{}}',
      '{"type":"validation","epoch":1,"raw":{"mapC":0.2},"ema":{"mapC":0.3}}',
      '{"type":"validation","epoch":2,"raw"',
      '{"type":"start","epoch":1}',
      '{"type":"validation","epoch":1,"raw":{"mapC":0.4}}',
      "",
    ].join("\n"),
  );
  expect(await loggedValidations(path)).toEqual([
    { epoch: 0, raw: { mapC: 0.1 } },
    { epoch: 1, raw: { mapC: 0.4 } },
  ]);
});

it("logs the loss of a step as it is minimised, per image, and per image and class", () => {
  const step = { type: "step", epoch: 0, step: 1, totalSteps: 2, loss: 480, images: 16 } as const;
  const rate = { lr: 0.1, beta1: 0.9, gradientNorm: 3, imagesPerSecond: 1, secondsLeft: 1 };
  const entry = logEntry({ ...step, ...rate }, { numClasses: 60, elapsed: 7 });
  expect(entry).toMatchObject({ ...step, lossPerImage: 30, lossPerClass: 0.5, elapsed: 7 });
});

it("finds how long a run has taken in its log, also of a process that was killed", async () => {
  const path = file(
    "log.jsonl",
    '{"type":"start","elapsed":0.5}\n{"type":"step","elapsed":12.25}\n{"type":"step","ela',
  );
  expect(await loggedSeconds(path)).toBe(12.25);
  expect(await loggedSeconds(at("none.jsonl"))).toBe(0);
});
