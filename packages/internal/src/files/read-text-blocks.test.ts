import { gzipSync } from "node:zlib";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { describe, expect, it } from "vitest";
import { readText } from "./read-text.js";
import { readTextBlocks } from "./read-text-blocks.js";

const { file } = temporaryFolder();

/** Characters of one, two, three and four bytes, more than the first bytes that tell the encoding. */
const text = `path,positives\r\n${"zwölf/画像 \u{1f600}.jpg,café;chat\r\n".repeat(20)}`;
const utf16 = (written: string): Buffer => Buffer.from(written, "utf16le");
const bigEndian = (written: string): Buffer => utf16(written).swap16();

const forms: [name: string, bytes: Buffer][] = [
  ["UTF-8", Buffer.from(text)],
  ["UTF-8 with a byte-order mark", Buffer.from(`\ufeff${text}`)],
  ["UTF-16 LE with a mark, as PowerShell writes it", utf16(`\ufeff${text}`)],
  ["UTF-16 BE with a mark", bigEndian(`\ufeff${text}`)],
  ["UTF-16 LE without a mark", utf16(text)],
  ["UTF-16 BE without a mark", bigEndian(text)],
];

async function inBlocks(path: string, blockSize: number): Promise<string> {
  const copies: Buffer[] = [];
  for await (const block of readTextBlocks(path, { blockSize })) copies.push(Buffer.from(block));
  return Buffer.concat(copies).toString("utf8");
}

describe("readTextBlocks and readText", () => {
  it.each(forms)("read %s", async (_name, bytes) => {
    const path = file("text", bytes);
    expect(await readText(path)).toBe(text);
    for (const blockSize of [1, 2, 3, 5, 7, 64, 65, 1 << 20])
      expect(await inBlocks(path, blockSize), `${blockSize}`).toBe(text);
    expect(await inBlocks(file("text.gz", gzipSync(bytes)), 64)).toBe(text);
  });

  it.each([
    [
      "Latin-1",
      Buffer.from(text.replaceAll(/[^\0-ÿ]/g, "x"), "latin1"),
      /0xf6 at 18 \(line 2\).*Latin-1 or Windows-1252.*"ö"/,
    ],
    [
      "Windows-1252",
      Buffer.from("a,b\n1,\x80 5\n", "latin1"),
      /0x80 at 6 \(line 2\).*Windows-1252 most likely/,
    ],
    ["Latin-1 at the end of a line", Buffer.from("caf\xe9\nb\n", "latin1"), /0xe9 at 3 .*"é"/],
    ["UTF-32", Buffer.from("\xff\xfe\0\0a\0\0\0", "latin1"), /got UTF-32/],
    [
      "UTF-16 that is cut off",
      utf16(`\ufeff${text}`).subarray(0, 301),
      /UTF-16LE text, got half a character/,
    ],
  ])("refuse %s by name", async (_name, bytes, message) => {
    const path = file("other", bytes);
    await expect(readText(path)).rejects.toThrow(message);
    await expect(inBlocks(path, 1 << 20)).rejects.toMatchObject({
      code: "invalid-file",
      message: expect.stringMatching(message),
    });
    await expect(inBlocks(path, 3)).rejects.toMatchObject({ code: "invalid-file" });
  });

  it("name the byte in a later block as well", async () => {
    const bytes = Buffer.concat([Buffer.from("ä".repeat(100)), Buffer.from([0xe4, 0x0a])]);
    for (const blockSize of [1, 3, 64, 199, 201])
      await expect(inBlocks(file("late", bytes), blockSize)).rejects.toThrow("0xe4 at 200");
  });

  it("say that a text which ends in a character is cut off, or Latin-1", async () => {
    const cut = inBlocks(file("cut", Buffer.from("a\ncaf\xe9", "latin1")), 64);
    await expect(cut).rejects.toThrow(/at byte 6, got the end of the file.*cut off, or .* Latin-1/);
  });

  it("give an empty text for an empty file, and for a byte-order mark alone", async () => {
    for (const bytes of ["", "\ufeff"]) {
      expect(await readText(file("empty", bytes))).toBe("");
      expect(await inBlocks(file("empty", bytes), 64)).toBe("");
    }
  });
});
