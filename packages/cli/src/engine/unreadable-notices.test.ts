import { expect, it } from "vitest";
import { createTerminal } from "../terminal/terminal.js";
import { unreadableNotices } from "./unreadable-notices.js";

it("tells each image once, in the order met, five in all by name", () => {
  let told = "";
  const terminal = createTerminal({ write: () => {} }, { write: (text: string) => (told += text) });
  const train: { path: string; reason: string }[] = [];
  const val: typeof train = [];
  const notice = unreadableNotices([train, val], terminal);
  notice();
  train.push({ path: "a.jpg", reason: "expected an image, got a.jpg: the file is missing" });
  notice();
  val.push({ path: "b.jpg", reason: "no answer within 120 s" });
  notice();
  notice();
  expect(told).toBe(
    "unreadable: expected an image, got a.jpg: the file is missing\nunreadable: b.jpg: no answer within 120 s\n",
  );
  for (let i = 0; i < 9; i++) train.push({ path: `${i}.jpg`, reason: "gone" });
  notice();
  expect(told.trim().split("\n").slice(2)).toEqual([
    "unreadable: 0.jpg: gone",
    "unreadable: 1.jpg: gone",
    "unreadable: 2.jpg: gone (further ones are only counted)",
  ]);
});
