import { expect, it } from "vitest";
import { showWaiting, startProgress } from "./progress.js";

function recording() {
  const lines: string[] = [];
  const nothing = (): void => {};
  const status = (line: string): void => void lines.push(line);
  return { lines, terminal: { columns: 120, print: nothing, info: nothing, status, endStatus: nothing } };
}

it("says the speed and the time left at the mean speed, without what was done before", () => {
  const { lines, terminal } = recording();
  let time = 1_000;
  const show = startProgress(terminal, { label: "prepare", unit: "images", now: () => time });
  time = 11_000;
  // 200 of them in 10 s are 20 a second, and 500 are left: 25 s.
  show(500, 1000, { from: 300, detail: "1 GB" });
  expect(lines).toEqual(["prepare ██████████░░░░░░░░░░  50% · 1 GB · 20 images/s · 0:25 left"]);
});

it("says no time left before anything is done", () => {
  const { lines, terminal } = recording();
  startProgress(terminal, { label: "read train", now: () => 0 })(0, 10);
  expect(lines).toEqual(["read train ░░░░░░░░░░░░░░░░░░░░   0%"]);
});

it("gives what the work gives, and its error", async () => {
  const { terminal } = recording();
  expect(await showWaiting(terminal, "compiling", async () => 7)).toBe(7);
  await expect(showWaiting(terminal, "compiling", () => Promise.reject(new Error("no g++")))).rejects.toThrow(
    "no g++",
  );
});
