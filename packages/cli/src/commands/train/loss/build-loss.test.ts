import { ClassList } from "@csl/labels";
import { expect, it } from "vitest";
import { describePrior } from "./build-loss.js";

const classes = ClassList.from(["person", "car", "cup"].map((name, i) => ({ id: String(i), name })));
const prior = { ids: ["0", "1", "2"], values: Float32Array.of(0.5, 0.2, 0.3) };

it("tells which classes the prior spares, most common first, strictly above the threshold", () => {
  expect(describePrior(prior, classes, 0.2)).toBe(
    "prior: 2 of 3 classes are above 0.2 and ignored where un-annotated: person, cup",
  );
  expect(describePrior(prior, classes, 0.5)).toMatch(/^prior: 0 of 3 .* un-annotated$/);
});
