import { crc32, deflateRawSync } from "node:zlib";

export interface ZipOfOptions {
  /** Say every size and place in the 64-bit fields, as zips beyond 4 GB do. */
  wide?: boolean;
  deflate?: boolean;
  comment?: string;
}

/** A file of a zip with what its entry says about it, true or not. */
export interface ZipFileOf {
  content: Uint8Array | string;
  /** Unix mode, its kind included: 0o120777 is a link. */
  mode?: number;
  /** What the entry says instead of the truth. */
  crc?: number;
  size?: number;
  method?: number;
  /** 1: encrypted. */
  flags?: number;
}

type Content = Uint8Array | string | ZipFileOf;

/** A zip of these files, for tests: well-made, or not. */
export function zipOf(
  files: Readonly<Record<string, Content>> | readonly (readonly [name: string, content: Content])[],
  { wide = false, deflate = false, comment = "" }: ZipOfOptions = {},
): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  const add = (part: Buffer): void => {
    parts.push(part);
    at += part.length;
  };
  const all = Array.isArray(files) ? files : Object.entries(files);
  for (const [name, given] of all as [string, Content][]) {
    const file: ZipFileOf =
      typeof given === "string" || given instanceof Uint8Array ? { content: given } : given;
    const bytes = Buffer.from(file.content as string);
    const packed = deflate ? deflateRawSync(bytes) : bytes;
    const nameBytes = Buffer.from(name);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE((3 << 8) | 20, 4); // made on Unix
    entry.writeUInt16LE((file.flags ?? 0) | 0x800, 8); // names are UTF-8
    entry.writeUInt16LE(file.method ?? (deflate ? 8 : 0), 10);
    entry.writeUInt32LE(file.crc ?? crc32(bytes), 16);
    entry.writeUInt16LE(nameBytes.length, 28);
    entry.writeUInt32LE(((file.mode ?? 0) << 16) >>> 0, 38);
    const numbers = [file.size ?? bytes.length, packed.length, at] as const;
    for (const [i, offset] of [24, 20, 42].entries())
      entry.writeUInt32LE(wide ? 0xffff_ffff : numbers[i]!, offset);
    const extra = wide ? Buffer.alloc(28) : Buffer.alloc(0);
    if (wide) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      for (const [i, value] of numbers.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * i);
    }
    entry.writeUInt16LE(extra.length, 30);
    directory.push(entry, nameBytes, extra);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(nameBytes.length, 26);
    add(Buffer.concat([local, nameBytes, packed]));
  }
  const start = at;
  const count = all.length;
  add(Buffer.concat(directory));
  const length = at - start;
  if (wide) {
    const end64 = Buffer.alloc(56 + 20);
    end64.writeUInt32LE(0x06064b50, 0);
    for (const [i, value] of [count, count, length, start].entries())
      end64.writeBigUInt64LE(BigInt(value), 24 + 8 * i);
    end64.writeUInt32LE(0x07064b50, 56);
    end64.writeBigUInt64LE(BigInt(at), 56 + 8);
    add(end64);
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(wide ? 0xffff : count, 10);
  end.writeUInt32LE(wide ? 0xffff_ffff : length, 12);
  end.writeUInt32LE(wide ? 0xffff_ffff : start, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, end, Buffer.from(comment)]);
}
