import { expect, test } from "vitest";
import { type ImageLayout, imageNames } from "./image-names.js";

const ids = ["0a00000000000001", "0b00000000000002", "9007199254740993", "ff00000000000003"];

test("names by layout, and an unknown layout", () => {
  expect([...imageNames([ids[0]!], (id) => `x/${id}.png`)]).toEqual([`x/${ids[0]}.png`]);
  expect(() => imageNames(ids, "by-date" as ImageLayout)).toThrow("expected a layout of flat, prefix-1");
  expect(() => imageNames(ids, "flat").at(4)).toThrow("expected a position below 4, got 4");
});
