import { describe, expect, it } from "vitest";
import { createTerminal } from "../terminal/terminal.js";
import { closeLoaders, threadsLeft, unreadableNotices } from "./image-loaders.js";

describe("closeLoaders", () => {
  it("counts the threads that no loader could end, and reports them", async () => {
    let written = "";
    const terminal = createTerminal({ write: () => {} }, { write: (text: string) => (written += text) });
    const loader = (left: number) => ({ close: async () => {}, threadsLeft: left });
    await closeLoaders([loader(0), loader(0)], terminal);
    expect([written, threadsLeft()]).toEqual(["", 0]);
    await closeLoaders([loader(2), loader(1)], terminal);
    expect(threadsLeft()).toBe(3);
    expect(written).toBe("3 threads wait for a file of an image, whose disk or server does not answer\n");
  });
});

describe("unreadableNotices", () => {
  it("reports each image once, in the order met, five in all by name", () => {
    let written = "";
    const terminal = createTerminal({ write: () => {} }, { write: (text: string) => (written += text) });
    const train: { path: string; reason: string }[] = [];
    const val: typeof train = [];
    const notice = unreadableNotices([train, val], terminal);
    notice();
    train.push({ path: "a.jpg", reason: "the file is missing" });
    notice();
    val.push({ path: "b.jpg", reason: "no answer within 120 s" });
    notice();
    notice();
    expect(written).toBe(
      "unreadable: a.jpg: the file is missing\nunreadable: b.jpg: no answer within 120 s\n",
    );
    for (let i = 0; i < 9; i++) train.push({ path: `${i}.jpg`, reason: "gone" });
    notice();
    expect(written.trim().split("\n").slice(2)).toEqual([
      "unreadable: 0.jpg: gone",
      "unreadable: 1.jpg: gone",
      "unreadable: 2.jpg: gone (further ones are only counted)",
    ]);
  });
});
