import { describe, expect, it } from "vitest";
import { multiplyAdds } from "./multiply-adds.js";
import type { TResNetShape, TResNetVariant } from "./shape.js";

describe("multiplyAdds", () => {
  // timm's table of its models for 224 px, in 1e9: M 5.74, L 10.88, XL 15.17, with 1,000 classes.
  it.each<[TResNetVariant, number]>([
    ["m", 5.74],
    ["l", 10.88],
    ["xl", 15.17],
  ])("of TResNet %s is what timm counts", (variant, billions) => {
    expect(multiplyAdds({ variant, numClasses: 1000 }, 224) / 1e9).toBeCloseTo(billions, 1);
  });

  it("of the smallest network, by hand", () => {
    // 20 px are 5 x 5 squares; one block of two 3x3 convolutions a stage, with 1, 2, 4, 8 planes.
    const shape: TResNetShape = {
      layers: [1, 1, 1, 1],
      width: 1 / 64,
      squeezeExcite: [false, false, false, false],
      blocks: ["basic", "basic", "basic", "basic"],
    };
    const stem = 25 * 48 * 9;
    const stage1 = 25 * 9 * (1 + 1);
    const stage2 = 25 * 9 * 2 + 9 * (9 * 4 + 2);
    const stage3 = 9 * 9 * 8 + 4 * (9 * 16 + 8);
    const stage4 = 4 * 9 * 32 + 1 * (9 * 64 + 32);
    expect(multiplyAdds({ variant: shape, numClasses: 3 }, 20)).toBe(
      stem + stage1 + stage2 + stage3 + stage4 + 8 * 3,
    );
  });

  it("refuses what is no network or no size", () => {
    expect(() => multiplyAdds({ variant: "m", classes: 3 } as never, 224)).toThrow(
      /unknown option "classes"/,
    );
    expect(() => multiplyAdds({ variant: "m", numClasses: 3 }, 0)).toThrow(/size/);
  });
});
