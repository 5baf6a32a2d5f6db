import { mulberry32 } from "@csl/internal/random/mulberry32";
import { expect, it } from "vitest";
import { PositionSet } from "./unreadable-images.js";

it("answers as a Set does", () => {
  const random = mulberry32(4);
  const set = new PositionSet(1000);
  const plain = new Set<number>();
  for (let i = 0; i < 800; i++) {
    const position = Math.floor(random() * 1000);
    expect(set.add(position)).toBe(!plain.has(position));
    plain.add(position);
  }
  expect(set.count).toBe(plain.size);
  for (let i = 0; i < 1000; i++) expect(set.has(i)).toBe(plain.has(i));
});

it("reaches the last position of the longest list", () => {
  const set = new PositionSet(2 ** 32 - 1);
  expect(set.has(2 ** 32 - 2)).toBe(false);
});
