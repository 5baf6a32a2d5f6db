import { expect, it } from "vitest";
import { parseImageIds } from "./parse-image-ids.js";

it("reads the forms that lists have", () => {
  const text =
    "# mine\ntrain/000026e7ee790996\r\n\nValidation/000062A39995E348.jpg\n000062b5cb624c76\n000026e7ee790996\n";
  expect(parseImageIds(text, "test")).toEqual([
    { id: "000026e7ee790996", split: "train" },
    { id: "000062a39995e348", split: "validation" },
    { id: "000062b5cb624c76", split: "test" },
  ]);
});

it("names the line that is no id", () => {
  expect(() => parseImageIds("000026e7ee790996\n391895\n", "train")).toThrow(/got "391895" in line 2/);
});
