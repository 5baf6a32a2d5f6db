import { xmlText } from "@csl/internal/text/xml-text";
import sharp from "sharp";
import { fontFamily, registerFonts } from "./fonts.js";

/** A class that the model sees in an image; `truth` marks whether it is really there, where that is known. */
export interface Tag {
  name: string;
  score: number;
  truth?: boolean;
  /** Its score is not above its threshold: it is shown for want of a tag. */
  below?: boolean;
}

interface RgbImage {
  data: Uint8Array;
  width: number;
  height: number;
}

const SIDE = 360; // shortest side of the shown image, so that small inputs stay visible
const PANEL = 300;
const ROW = 30;
const COLOURS = {
  plain: "#2f6fb7",
  right: "#2e8b57",
  wrong: "#c0504d",
  text: "#222",
  faint: "#8a8a8a",
  track: "#e8eaed",
};

/**
 * The image with its tags next to it, one bar per tag (length = score), as PNG bytes. Where the truth is known, right
 * tags are green and wrong ones red, and the legend says so.
 */
export async function annotateImage(
  image: RgbImage,
  tags: readonly Tag[],
  { caption = "" }: { caption?: string } = {},
): Promise<Buffer> {
  const scale = SIDE / Math.min(image.width, image.height);
  const width = Math.round(image.width * scale);
  const height = Math.round(image.height * scale);
  const known = tags.some((tag) => tag.truth !== undefined);
  const rows = tags.length * ROW + (known ? ROW : 0) + 56;
  const totalHeight = Math.max(height, rows) + (caption ? 34 : 0);
  const scaled = await sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
    .resize(width, height, { kernel: scale > 3 ? "nearest" : "cubic", fit: "fill" })
    .png()
    .toBuffer();
  await registerFonts();
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width + PANEL}" height="${totalHeight}" font-family="${fontFamily}" font-size="13">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...panel(tags, width + 18, known),
    caption ? text(12, totalHeight - 12, caption, `fill="${COLOURS.faint}"`) : "",
    "</svg>",
  ].join("");
  return sharp(Buffer.from(svg))
    .composite([{ input: scaled, left: 0, top: 0 }])
    .png()
    .toBuffer();
}

function panel(tags: readonly Tag[], left: number, known: boolean): string[] {
  const parts = [text(left, 30, "Tags", `font-size="17" font-weight="bold" fill="${COLOURS.text}"`)];
  const bar = PANEL - 36;
  tags.forEach((tag, index) => {
    const top = 48 + index * ROW;
    const score = tag.score.toFixed(2);
    const name = tag.below ? `${tag.name} (below its threshold)` : tag.name;
    const colour = tag.below
      ? COLOURS.faint
      : tag.truth === undefined
        ? COLOURS.plain
        : tag.truth
          ? COLOURS.right
          : COLOURS.wrong;
    parts.push(
      text(left, top + 12, name, `fill="${COLOURS.text}"`),
      text(left + bar, top + 12, score, `text-anchor="end" fill="${COLOURS.faint}"`),
      `<rect x="${left}" y="${top + 17}" width="${bar}" height="5" rx="2.5" fill="${COLOURS.track}"/>`,
      `<rect x="${left}" y="${top + 17}" width="${Math.max(3, bar * tag.score).toFixed(1)}" height="5" rx="2.5" fill="${colour}"/>`,
    );
  });
  if (known) {
    const y = 48 + tags.length * ROW + 14;
    parts.push(
      `<circle cx="${left + 5}" cy="${y - 4}" r="5" fill="${COLOURS.right}"/>`,
      text(left + 15, y, "in the image", `font-size="12" fill="${COLOURS.faint}"`),
      `<circle cx="${left + 125}" cy="${y - 4}" r="5" fill="${COLOURS.wrong}"/>`,
      text(left + 135, y, "not in it", `font-size="12" fill="${COLOURS.faint}"`),
    );
  }
  return parts;
}

/** @param x left edge (right with `text-anchor="end"`), @param y baseline */
function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${xmlText(content)}</text>`;
}
