import { expect, it } from "vitest";
import { repeatedTexts } from "./repeated-texts.js";

it("finds texts that occur twice or more, once each, up to the limit", () => {
  const keys = ["a", "b", "a", "c", "a", "b", "ü", "ü"];
  expect(repeatedTexts(keys.length, (i) => keys[i]!)).toEqual(["a", "b", "ü"]);
  expect(repeatedTexts(keys.length, (i) => keys[i]!, 1)).toEqual(["a"]);
});

it("tells 200,000 different hexadecimal ids apart", () => {
  expect(repeatedTexts(200_000, (i) => (i * 2654435761).toString(16).padStart(16, "0"))).toEqual([]);
});
