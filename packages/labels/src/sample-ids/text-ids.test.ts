import { expect, test } from "vitest";
import { TextIds } from "./text-ids.js";

test("texts of any script, empty ones too, across blocks", () => {
  const texts = Array.from({ length: 70_000 }, (_, i) =>
    i === 68_000 ? "naïve–画像\u{1f600}" : i % 7 ? `${i}` : "",
  );
  const ids = TextIds.from(texts);
  expect([...ids]).toEqual(texts);
  expect(ids.bytes.length).toBe(new TextEncoder().encode(texts.join("")).length);
});

test("a text that begins with a byte-order mark keeps it", () => {
  expect([...TextIds.from(["\ufeffa", "b"])]).toEqual(["\ufeffa", "b"]);
});
