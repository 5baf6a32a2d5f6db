import { describe, expect, it } from "vitest";
import { retryAfter, retryDelay } from "./waiting.js";

describe("retryDelay", () => {
  it("doubles from half a second to half a minute", () => {
    const full = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((failures) => retryDelay(failures, () => 1));
    expect(full).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it("draws the upper half of it", () => {
    expect([0, 0.5].map((draw) => retryDelay(3, () => draw))).toEqual([1000, 1500]);
  });
});

describe("retryAfter", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  it.each([
    ["120", 120_000],
    [" 0 ", 0],
    ["Thu, 01 Jan 2026 00:00:05 GMT", 5000],
    ["Wed, 31 Dec 2025 00:00:00 GMT", 0], // in the past
    ["86400", 600_000], // nobody is obeyed for a day
    ["soon", undefined],
    ["", undefined],
    [null, undefined],
  ])("%j → %j", (header, expected) => {
    expect(retryAfter(header, now)).toBe(expected);
  });
});
