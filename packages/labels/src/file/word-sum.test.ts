import { mulberry32 } from "@csl/internal/random/mulberry32";
import { expect, test } from "vitest";
import { WordSum } from "./word-sum.js";

const random = mulberry32(3);
const bytes = Uint8Array.from({ length: 200_003 }, () => random() * 256);
const sum = (...parts: Uint8Array[]): string => {
  const total = new WordSum();
  for (const part of parts) total.update(part);
  return Buffer.from(total.digest()).toString("hex");
};

test("pieces of any size and alignment sum to the same", () => {
  const whole = sum(bytes);
  for (const cut of [0, 1, 3, 16, 17, 70_001, 200_002, 200_003]) {
    expect(sum(bytes.subarray(0, cut), bytes.subarray(cut))).toBe(whole);
  }
  expect(sum(...Array.from({ length: 40_001 }, (_, i) => bytes.subarray(i * 5, i * 5 + 5)))).toBe(whole);
});

test("length, position and every bit count", () => {
  const small = bytes.subarray(0, 40);
  const changed = Array.from({ length: 320 }, (_, bit) => {
    const copy = small.slice();
    copy[bit >> 3]! ^= 1 << (bit & 7);
    return sum(copy);
  });
  const all = [
    sum(small),
    sum(small, new Uint8Array(1)),
    sum(new Uint8Array(0)),
    sum(new Uint8Array(16)),
    ...changed,
  ];
  expect(new Set(all).size).toBe(all.length);
});
