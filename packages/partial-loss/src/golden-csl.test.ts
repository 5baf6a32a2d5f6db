import { readFileSync } from "node:fs";
import { expectAllClose } from "@csl/test-support";
import { describe, expect, test } from "vitest";
import { testBackends, useBackend, valueAndGradient } from "../test/backends.js";
import { type ReferenceArguments, referenceLossOptions } from "../test/reference-loss-options.js";
import { partialLoss } from "./partial-loss.js";

/** Produced by the reference's own code in float32; see fixtures/README.md. */
const golden = JSON.parse(readFileSync(new URL("../fixtures/golden-csl.json", import.meta.url), "utf8"));
const cases = Object.entries(golden)
  .filter(([, entry]) => entry !== null && typeof entry === "object" && "loss" in entry)
  .map(([name, entry]) => [name, entry as { args: Arguments; loss: number; grad: number[][] }] as const);

interface Arguments extends ReferenceArguments {
  prior_path?: string;
}

function optionsOf(args: Arguments) {
  const all: Arguments = { ...golden.defaults, ...args };
  return referenceLossOptions(all, all.prior_path ? Object.values<number>(golden.prior) : undefined);
}

test("the file holds the thirteen cases", () => {
  expect(cases.length).toBe(13);
});

describe.each(testBackends)("golden-csl.json on %s, kernel %s", (backend, form) => {
  test.each(cases)("%s", async (_name, { args, loss, grad }) => {
    await useBackend(backend, form);
    const options = optionsOf(args);
    const { value, gradient } = valueAndGradient(
      (x, y) => partialLoss(x, y, options),
      golden.logits,
      golden.targets,
    );
    expectAllClose([value], [loss], { rtol: 1e-5 });
    // The reference's float32 gradients are off the formula by up to 1.5e-7, and rounded to 8 decimals.
    expectAllClose(gradient, grad, { rtol: 1e-5, atol: 2e-7 });
  });
});
