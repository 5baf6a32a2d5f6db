import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { open, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { paxFields } from "@csl/internal/tar/pax-fields";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeAll, describe, expect, it } from "vitest";
import { scanTar, type TarEnd } from "./scan-tar.js";

type Found = { name: string; text: string };

function scan(archive: Uint8Array): { files: Found[]; end: TarEnd } {
  const files: Found[] = [];
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const scanning = scanTar(
    (offset, length) => archive.slice(offset, offset + length),
    archive.length,
    (name, offset, size) =>
      files.push({ name: decode(name), text: decode(archive.subarray(offset, offset + size)) }),
  );
  let step = scanning.next();
  while (!step.done) step = scanning.next();
  return { files, end: step.value };
}

/** Names that need each of the ways to write one: plain, prefix, GNU long name or pax. */
const names = [
  "a.jpg",
  "a.json",
  "train/täg 画.jpg",
  `${"folder/".repeat(15)}in-a-prefix-${"p".repeat(60)}.jpg`,
  `deep/${"l".repeat(180)}.jpg`,
  "empty.cls",
  "z.jpg",
];
const textOf = (name: string): string =>
  name === "empty.cls" ? "" : `content of ${name} ${"x".repeat(name.length * 9)}`;

const { at, folder: root } = temporaryFolder();
beforeAll(async () => {
  for (const name of names) {
    mkdirSync(dirname(at(name)), { recursive: true });
    await writeFile(at(name), textOf(name));
  }
});

async function archive(
  format: string,
  files: readonly string[] = names,
  more: string[] = [],
): Promise<Buffer> {
  const path = at("out.tar");
  execFileSync("tar", ["-C", root, `--format=${format}`, ...more, "-cf", path, ...files]);
  return readFile(path);
}

it.each(["14 size=-1536\n", "12 size=1e3\n", "10 size=x\n"])("takes no size from %j", (record) => {
  expect(paxFields(Buffer.from(record))).toEqual({ isSparse: false });
  expect(paxFields(Buffer.from("12 size=900\n"))).toEqual({ size: 900, isSparse: false });
});

describe("scanTar", () => {
  it.each(["gnu", "pax", "oldgnu"])("finds the files that GNU tar packs as %s", async (format) => {
    const { files, end } = scan(await archive(format));
    expect(files).toEqual(names.map((name) => ({ name, text: textOf(name) })));
    expect(end).toMatchObject({ kind: "whole", skipped: {} });
  });

  it.each(["ustar", "v7"])("finds those that %s can hold", async (format) => {
    // One name of more than 100 bytes goes into ustar's prefix; v7 has none.
    const fitting = names.filter((name) => name.length < (format === "v7" ? 99 : 180));
    const { files, end } = scan(await archive(format, fitting));
    expect(files.map(({ name }) => name)).toEqual(fitting);
    expect(end.kind).toBe("whole");
  });

  it("passes over folders and links, and does without an end marker", async () => {
    execFileSync("ln", ["-sf", "a.jpg", at("link.jpg")]);
    const whole = await archive("gnu", ["deep", "link.jpg", "z.jpg"]);
    const { files, end } = scan(whole);
    expect(files.length).toBe(2);
    expect(end).toMatchObject({
      kind: "whole",
      skipped: { "symbolic links": { count: 1, first: "link.jpg" } },
    });
    const withoutMarker = whole.subarray(0, end.offset);
    expect(scan(withoutMarker)).toEqual({ files, end });
  });

  // A file with 60 holes: GNU's form needs blocks of the map behind the header, pax has it in fields or before the data.
  it.each([
    ["gnu", []],
    ["pax", ["--sparse-version=0.0"]],
    ["pax", ["--sparse-version=0.1"]],
    ["pax", ["--sparse-version=1.0"]],
  ])("names the sparse files of %s %j, and reads what is behind them", async (format, more) => {
    const file = await open(at("holes.jpg"), "w");
    for (let i = 0; i < 60; i++) await file.write("data", i * (1 << 17));
    await file.close();
    const { files, end } = scan(
      await archive(format, ["a.jpg", "holes.jpg", "z.jpg"], ["--sparse", ...more]),
    );
    expect(files).toEqual(["a.jpg", "z.jpg"].map((name) => ({ name, text: textOf(name) })));
    expect(end).toMatchObject({
      kind: "whole",
      skipped: { "sparse files": { count: 1, first: "holes.jpg" } },
    });
  });

  it("names hard links, pipes, volumes and types of other programs, and reads what is behind them", async () => {
    execFileSync("ln", ["-f", at("a.jpg"), at("b.jpg")]);
    execFileSync("mkfifo", [at("pipe")]);
    const more = ["--label=part 1"];
    const bytes = await archive("gnu", ["a.jpg", "b.jpg", "pipe", "a.json", "z.jpg"], more);
    expect(scan(bytes).files.map(({ name }) => name)).toEqual(["a.jpg", "a.json", "z.jpg"]);
    expect(scan(bytes).end).toMatchObject({
      kind: "whole",
      skipped: {
        "names of a volume": { count: 1, first: "part 1" },
        "hard links": { count: 1, first: "b.jpg" },
        "named pipes": { count: 1, first: "pipe" },
      },
    });
    const json = bytes.indexOf("a.json");
    bytes[json + 156] = "Q".charCodeAt(0);
    bytes.write("        ", json + 148);
    const sum = bytes.subarray(json, json + 512).reduce((total, byte) => total + byte, 0);
    bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, json + 148, "latin1");
    expect(scan(bytes).files.map(({ name }) => name)).toEqual(["a.jpg", "z.jpg"]);
    expect(scan(bytes).end.skipped).toMatchObject({ 'entries of type "Q"': { count: 1, first: "a.json" } });
  });

  it("says where an archive was cut, at every length, and keeps the whole files before it", async () => {
    const whole = await archive("gnu");
    const { files, end } = scan(whole);
    for (let length = 0; length < end.offset; length += 100) {
      const cut = scan(whole.subarray(0, length));
      expect(files.slice(0, cut.files.length)).toEqual(cut.files);
      // The end of an entry looks like an archive whose marker was left out.
      if (cut.end.kind === "whole") expect(cut.end.offset).toBe(length);
      else expect(cut.end.kind).toBe("cut");
    }
  });

  it("stops at what is no header", async () => {
    const bytes = Buffer.from(await archive("gnu", ["a.jpg", "a.json", "z.jpg"]));
    const second = 512 + Math.ceil(textOf("a.jpg").length / 512) * 512;
    bytes[second + 3]! ^= 1;
    expect(scan(bytes)).toEqual({
      files: [{ name: "a.jpg", text: textOf("a.jpg") }],
      end: { kind: "damaged", offset: second, skipped: {} },
    });
    expect(scan(Buffer.from("no archive at all".repeat(100))).end).toMatchObject({
      kind: "damaged",
      offset: 0,
    });
  });
});
