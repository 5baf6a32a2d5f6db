import { describe, expect, it } from "vitest";
import { formatBytes, formatDuration, progressLine } from "./format.js";

describe("progressLine", () => {
  it("shows bar, share, detail, speed and time left", () => {
    const line = progressLine(
      {
        label: "train 2/8",
        done: 25,
        total: 100,
        unit: "images",
        rate: 210.4,
        secondsLeft: 83,
        detail: "loss 1.234",
      },
      { columns: 120 },
    );
    expect(line).toBe("train 2/8 █████░░░░░░░░░░░░░░░  25% · loss 1.234 · 210 images/s · 1:23 left");
  });

  it("never exceeds the terminal's width, so that it can be rewritten in place", () => {
    const line = progressLine({ label: "x".repeat(200), done: 1, total: 2 }, { columns: 80 });
    expect(line.length).toBe(79);
  });

  it("survives an empty total", () => {
    expect(progressLine({ label: "scan", done: 0, total: 0 })).toBe("scan ░░░░░░░░░░░░░░░░░░░░   0%");
  });
});

describe("formatDuration", () => {
  it.each([
    [5, "0:05"],
    [65, "1:05"],
    [3_725, "1:02:05"],
    [90_000, "1d 1:00"],
  ])("%d s is %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

describe("formatBytes", () => {
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
});
