import { describe, expect, it } from "vitest";
import { createTerminal, paced } from "./terminal.js";

function fakeStream(isTTY: boolean) {
  const chunks: string[] = [];
  return { chunks, isTTY, columns: 80, write: (text: string) => chunks.push(text) };
}

describe("createTerminal", () => {
  it("rewrites progress in place on a terminal and clears it before a result", () => {
    const out = fakeStream(true);
    const err = fakeStream(true);
    const terminal = createTerminal(out, err);
    terminal.status("10 %");
    terminal.status("20 %");
    terminal.print("done");
    expect(err.chunks).toEqual(["\r\x1b[2K10 %", "\r\x1b[2K20 %", "\r\x1b[2K"]);
    expect(out.chunks).toEqual(["done\n"]);
  });

  it("elsewhere prints a progress line after ten seconds and then every minute, and none for short work", () => {
    const err = fakeStream(false);
    let time = 0;
    const terminal = createTerminal(fakeStream(false), err, { now: () => time });
    for (; time <= 9_000; time += 1_000) terminal.status(`${time / 1000} s`);
    terminal.endStatus();
    expect(err.chunks).toEqual([]);
    for (; time <= 200_000; time += 1_000) {
      terminal.status(`${time / 1000} s`);
      if (time % 7_000 === 0) terminal.endStatus(); // an epoch ends: the next line is a minute after the last all the same
    }
    terminal.endStatus();
    expect(err.chunks).toEqual(["10 s\n", "70 s\n", "130 s\n", "190 s\n"]);
  });

  it("elsewhere prints the newest line in its time also when no other one comes", async () => {
    const err = fakeStream(false);
    let time = 0;
    const terminal = createTerminal(fakeStream(false), err, { now: () => time });
    terminal.status("a step of an hour begins");
    time = 9_990;
    terminal.status("a step of an hour goes on");
    time = 10_000;
    await expect.poll(() => err.chunks).toEqual(["a step of an hour goes on\n"]);
    terminal.endStatus();
  });

  it("takes 80 columns where the stream has none or says 0", () => {
    const sized = (columns: number | undefined) =>
      createTerminal(fakeStream(true), { ...fakeStream(true), columns: columns as number }).columns;
    expect([sized(undefined), sized(0), sized(132)]).toEqual([80, 80, 132]);
  });

  it("tells once what all commands of a process have to say, on each stream", () => {
    const [err, other] = [fakeStream(false), fakeStream(false)];
    for (const stream of [err, err, other])
      createTerminal(fakeStream(false), stream).info("train.csv: 3 rows are left out", { once: true });
    createTerminal(fakeStream(false), err).info("epoch 1");
    createTerminal(fakeStream(false), err).info("epoch 1");
    expect(err.chunks).toEqual(["train.csv: 3 rows are left out\n", "epoch 1\n", "epoch 1\n"]);
    expect(other.chunks).toEqual(["train.csv: 3 rows are left out\n"]);
  });

  it("keeps only results when quiet", () => {
    const out = fakeStream(true);
    const err = fakeStream(true);
    const terminal = createTerminal(out, err, { quiet: true });
    terminal.info("about to start");
    terminal.status("50 %");
    terminal.endStatus();
    terminal.print("mAP 42");
    expect(err.chunks).toEqual([]);
    expect(out.chunks).toEqual(["mAP 42\n"]);
  });
});

describe("paced", () => {
  it("shows the first value, and later ones after the interval only", () => {
    const shown: number[] = [];
    let time = 0;
    const show = paced<number>((value) => shown.push(value), { interval: 100, now: () => time });
    for (time = 0; time <= 250; time += 50) show(time);
    expect(shown).toEqual([0, 100, 200]);
  });
});

it("shows no command that a name from a file holds, in results, narration and progress", () => {
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text), isTTY: true, columns: 80 };
  const terminal = createTerminal(stream, stream);
  const name = "\x1b]0;title\x07\x9b2Jcat\r\u202e";
  terminal.print(`a table\n  ${name}`);
  terminal.info(name);
  terminal.status(name);
  const shown = "\\u001b]0;title\\u0007\\u009b2Jcat\\u000d\\u202e";
  expect(written).toEqual([`a table\n  ${shown}\n`, `${shown}\n`, `\r\x1b[2K${shown}`]);
});
