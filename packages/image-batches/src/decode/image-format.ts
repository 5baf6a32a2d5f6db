/** How sharp calls the formats that are read: all of them hold pixels. */
export const rasterFormats = ["jpeg", "png", "gif", "webp", "tiff", "heif"] as const;

export type RasterFormat = (typeof rasterFormats)[number];

/** The first bytes of each, in hexadecimal. */
const beginnings: Readonly<Record<RasterFormat, RegExp>> = {
  jpeg: /^ffd8ff/,
  png: /^89504e470d0a1a0a/,
  gif: /^474946383[79]61/,
  // RIFF, a length, WEBP and the kind of its first chunk
  webp: /^52494646.{8}57454250565038(?:20|4c|58)/,
  tiff: /^(?:49492[ab]00|4d4d002[ab])/,
  // a length, ftyp and a brand: avif, avis, heic, heif, heim, heis, heix, hevc …, mif1, mif2, msf1
  heif: /^.{8}66747970(?:617669(?:66|73)|686569(?:63|66|6d|73|78)|686576(?:63|6d|73|78)|6d69663[12]|6d736631)/,
};

/** What files with the name of an image often hold instead; binary ones in hexadecimal. */
const otherBytes: readonly (readonly [RegExp, string])[] = [
  [/^1f8b/, "gzip, such as a compressed SVG"],
  [/^(?:c5d0d3c6)/, "PostScript"],
  [/^(?:d7cdc69a|01000000.{72}20454d46)/, "a Windows metafile"],
  [/^424d.{8}00000000/, "a BMP"],
  [/^38425053/, "a Photoshop document"],
  [/^(?:ff0a|0000000c4a584c20)/, "JPEG XL"],
  [/^(?:0000000c6a502020|ff4fff51)/, "JPEG 2000"],
  [/^504b0304/, "a ZIP"],
  [/^.{8}66747970/, "a video"],
];
const otherTexts: readonly (readonly [RegExp, string])[] = [
  [/^\s*</, "text such as SVG, XML or HTML"],
  [/^\s*%PDF/, "a PDF"],
  [/^%!PS/, "PostScript"],
  [/^\s*(?:push\s+graphic|viewbox)/, "drawing commands (MVG)"],
  [/^P[1-7]\s/, "a netpbm image (PBM, PGM, PPM)"],
  [/^version https:\/\/git-lfs/, "a Git LFS pointer (`git lfs pull` gets the image)"],
];

/**
 * The format of an image file by its first bytes, whatever its name; undefined for everything else. The decoder's own
 * search would also take SVG, whose drawing has no bound on time, from a file of any name.
 */
export function imageFormat(bytes: Uint8Array): RasterFormat | undefined {
  const hex = beginning(bytes).toString("hex");
  return rasterFormats.find((format) => beginnings[format].test(hex));
}

/** What the bytes are instead, for a message; undefined where they are like nothing known. */
export function otherContent(bytes: Uint8Array): string | undefined {
  const first = beginning(bytes);
  const hex = first.toString("hex");
  // Text may begin with a byte order mark, and be UTF-16.
  const text = first
    .toString("latin1")
    .replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, "")
    .replaceAll("\0", "");
  return (otherBytes.find(([known]) => known.test(hex)) ??
    otherTexts.find(([known]) => known.test(text)))?.[1];
}

function beginning(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 64));
}
