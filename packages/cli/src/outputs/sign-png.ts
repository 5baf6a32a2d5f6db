import { crc32 } from "node:zlib";

/** Bytes of a PNG's signature and its first chunk, IHDR. */
const HEAD = 33;

/** The same image with the program that made it in a text chunk ("Software"), by which a later run recognises it. */
export function signPng(png: Buffer, software: string): Buffer {
  const content = Buffer.from(`tEXtSoftware\0${software}`, "latin1");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length - 4);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(content));
  return Buffer.concat([png.subarray(0, HEAD), length, content, sum, png.subarray(HEAD)]);
}
