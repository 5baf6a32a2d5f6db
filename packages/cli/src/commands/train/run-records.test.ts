import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, it } from "vitest";
import { loggedValidations } from "./run-records.js";

const { file } = temporaryFolder();

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
