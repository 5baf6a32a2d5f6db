import { expect, it } from "vitest";
import { formatBytes } from "./format-bytes.js";

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.00 kB"],
  [12_345_678, "12.3 MB"],
  [999_900_000, "1.00 GB"],
  [561e9, "561 GB"],
  [18e12, "18.0 TB"],
])("%d → %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
