import { ClassList, labelTableFromDense } from "@csl/labels";
import { expect, it } from "vitest";
import { requireScorable } from "./require-scorable.js";

const classes = ClassList.from(["a", "b"].map((id) => ({ id, name: id })));
const table = (...labels: number[]) =>
  labelTableFromDense(classes, ["1", "2"], Int8Array.from(labels), { defaultLabel: -1 });

it("asks for one class with both labels", () => {
  requireScorable("val", table(1, -1, 0, -1));
  expect(() => requireScorable("val", table(1, 0, 1, -1))).toThrow(
    /a class of "val".*got none among 2 images × 2 classes \(1 classes have a positive, 1 a negative\)/,
  );
  expect(() => requireScorable("val", table(-1, -1, -1, -1))).toThrow(
    /0 classes have a positive, 0 a negative/,
  );
});

it("knows that what is not listed may be absent, as in COCO", () => {
  const listed = labelTableFromDense(classes, ["1", "2"], Int8Array.from([1, 0, 0, 0]), { defaultLabel: 0 });
  requireScorable("val", listed);
});
