import { expect, it } from "vitest";
import { repeatedKeys } from "./repeated-keys.js";

it("finds keys that occur twice or more, once each, up to the limit", () => {
  const keys = ["a", "b", "a", "c", "a", "b", "ü", "ü"];
  expect(repeatedKeys(keys.length, (i) => keys[i]!)).toEqual(["a", "b", "ü"]);
  expect(repeatedKeys(keys.length, (i) => keys[i]!, 1)).toEqual(["a"]);
});

it("tells 200,000 different hexadecimal ids apart", () => {
  expect(repeatedKeys(200_000, (i) => (i * 2654435761).toString(16).padStart(16, "0"))).toEqual([]);
});
