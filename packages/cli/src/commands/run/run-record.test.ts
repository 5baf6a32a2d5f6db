import { expect, it } from "vitest";
import type { Step } from "./plan-steps.js";
import { compareStep, describeStep } from "./run-record.js";

const step = (model: string, more: Step["flags"] = {}): Step => ({
  ...{ name: "temporary", section: "temporary", why: "", outputs: [], inputs: [model] },
  flags: { "model-path": model, ...more },
});
const described = (of: Step) => describeStep(of, "/nowhere");

it("weights by name: another name is another body, and --offline changes nothing", async () => {
  const before = { state: "finished", ...(await described(step("tresnet_m.miil_in1k"))) } as const;
  const after = async (of: Step) => compareStep(of, before, await described(of));
  expect(await after(step("tresnet_m.miil_in1k", { offline: true }))).toEqual({ todo: "skip", changes: [] });
  expect(await after(step("hf:owner/name"))).toEqual({
    todo: "start",
    changes: ["hf:owner/name has other content"],
  });
});
