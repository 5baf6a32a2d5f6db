import { outlineText, textWidth } from "./outline-text.js";

/** How far left of its anchor a text begins, as a share of its width. */
const anchors: Record<string, number> = { start: 0, middle: 0.5, end: 1 };

/**
 * Replaces the `<text>` elements of a flat SVG (no transforms, attributes in double quotes, as our own images are
 * written) by paths, so that it renders alike on a machine without fonts.
 *
 * @param options.size font size of texts that name none; the SVG root's, usually.
 */
export function outlineSvgText(svg: string, { size = 11 }: { size?: number } = {}): string {
  return svg.replace(/<text ([^>]*)>([^<]*)<\/text>/g, (_, attributes: string, content: string) => {
    const read = (name: string): string | undefined =>
      new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1];
    const style = {
      size: Number(read("font-size") ?? size),
      fill: read("fill") ?? "#000",
      weight: read("font-weight") === "bold" ? (700 as const) : (400 as const),
    };
    const text = unescapeXml(content);
    const shift = anchors[read("text-anchor") ?? "start"] ?? 0;
    return outlineText(text, Number(read("x")) - shift * textWidth(text, style), Number(read("y")), style);
  });
}

const entities: Record<string, string> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&#39;": "'",
  "&amp;": "&",
};

function unescapeXml(text: string): string {
  return text.replace(/&(?:lt|gt|quot|apos|#39|amp);/g, (entity) => entities[entity]!);
}
