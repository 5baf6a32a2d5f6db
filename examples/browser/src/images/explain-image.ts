import { imageSize } from "image-size";

/** What is read: more would take gigabytes of memory while it is decoded. */
export const most = { bytes: 200_000_000, pixels: 60_000_000 };

/** Enough for the size of an image, thumbnails and camera data before it included. */
const beginning = 1_000_000;

/** What is wrong with a file, before a browser decodes it. */
interface Problem {
  words: string;
  /** Else the browser may still read it: some browsers read what others do not. */
  certain: boolean;
}

/** Looks at the first bytes of a file: what kind it is, and how large the image would be. */
export async function explainImage(blob: Blob, name: string): Promise<Problem | undefined> {
  if (blob.size === 0) return { words: `${name} is empty.`, certain: true };
  if (blob.size > most.bytes)
    return {
      words: `${name} has ${megabytes(blob.size)}; at most ${megabytes(most.bytes)} are read. Make it smaller first.`,
      certain: true,
    };
  const head = new Uint8Array(await blob.slice(0, beginning).arrayBuffer());
  const brand = String.fromCharCode(...head.subarray(4, 12));
  if (/^ftyp(heic|heix|hevc|heim|heis|mif1|msf1)/.test(brand))
    return {
      words:
        `${name} is a HEIC image, which this browser does not read (Safari does). ` +
        "On an iPhone choose Settings, Camera, Formats, Most Compatible; or save the image as JPEG.",
      certain: false,
    };
  const found = sizeOf(head);
  if (!found)
    return { words: `${name} is not an image. JPEG, PNG, WebP, GIF and AVIF are read.`, certain: false };
  if (found.type === "svg")
    return { words: `${name} is a drawing (SVG), not pixels. Save it as PNG first.`, certain: true };
  const { width, height } = found;
  if (width * height > most.pixels)
    return {
      words:
        `${name} has ${width} × ${height} pixels; at most ${most.pixels / 1e6} million are read. ` +
        "The network looks at a small copy anyway: make it smaller first.",
      certain: true,
    };
  return undefined;
}

function sizeOf(head: Uint8Array): ReturnType<typeof imageSize> | undefined {
  try {
    return imageSize(head);
  } catch {
    return undefined; // not an image that the library knows
  }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
