import { expect, test } from "vitest";
import { decodeTexts, encodeTexts } from "./packed-texts.js";

test("texts of any script, empty ones too, across blocks", () => {
  const texts = Array.from({ length: 70_000 }, (_, i) =>
    i === 68_000 ? "naïve–画像\u{1f600}" : i % 7 ? `${i}` : "",
  );
  const { bytes, ends } = encodeTexts(texts);
  expect(decodeTexts(bytes, ends)).toEqual(texts);
  expect(bytes.length).toBe(new TextEncoder().encode(texts.join("")).length);
});

test("a text that begins with a byte-order mark keeps it", () => {
  const { bytes, ends } = encodeTexts(["\ufeffa", "b"]);
  expect(decodeTexts(bytes, ends)).toEqual(["\ufeffa", "b"]);
});
