import { describe, expect, it } from "vitest";
import { outlineSvgText } from "./outline-svg-text.js";
import { outlineText, textWidth } from "./outline-text.js";

describe("outlineSvgText", () => {
  it("leaves shapes alone and draws a text where it stood", () => {
    const svg = '<svg><rect width="4"/><text x="10" y="20" font-size="12" fill="#222">a &lt; b</text></svg>';
    expect(outlineSvgText(svg)).toBe(
      `<svg><rect width="4"/>${outlineText("a < b", 10, 20, { size: 12, fill: "#222" })}</svg>`,
    );
  });

  it("honours anchor, weight and the inherited size", () => {
    const style = { size: 11, weight: 700 as const };
    const left = 100 - textWidth("dog", style);
    expect(outlineSvgText('<text x="100" y="5" text-anchor="end" font-weight="bold">dog</text>')).toBe(
      outlineText("dog", left, 5, style),
    );
  });
});
