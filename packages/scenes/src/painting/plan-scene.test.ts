import { mulberry32 } from "@csl/internal/random/mulberry32";
import { describe, expect, it } from "vitest";
import type { SpriteDrawing } from "../drawings/sprite-library.js";
import { classWeights, planScene } from "./plan-scene.js";

const drawing = (set: string): SpriteDrawing => ({
  set,
  icon: "x",
  alsoShows: [],
  sprite: { levels: [], origin: 0, extent: 1 },
});
/** Four classes; style a draws each once, style b three times. */
const library = Array.from({ length: 4 }, () => [[drawing("a")], [drawing("b"), drawing("b"), drawing("b")]]);
const ingredients = {
  library,
  weights: classWeights(4),
  numBackgrounds: 5,
  side: 64,
  objectSize: [0.25, 0.5] as const,
};
const plans = Array.from({ length: 4000 }, (_, i) => planScene(ingredients, mulberry32(i)));
const objects = plans.flatMap((plan) => plan.objects);

describe("classWeights", () => {
  it("falls off as a power of the rank", () => {
    const [first, second, , fourth] = classWeights(4);
    expect(first! / second!).toBeCloseTo(2 ** 0.7, 12);
    expect(first! / fourth!).toBeCloseTo(4 ** 0.7, 12);
    expect(classWeights(67).reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 12);
    expect([...classWeights(2, { tail: 0 })]).toEqual([0.5, 0.5]);
  });
});

describe("planScene", () => {
  it("is a function of the random numbers", () => {
    expect(planScene(ingredients, mulberry32(7))).toEqual(plans[7]);
    expect(planScene(ingredients, mulberry32(8))).not.toEqual(plans[7]);
  });

  it("draws classes by weight and styles alike", () => {
    const share = (test: (o: (typeof objects)[number]) => boolean) =>
      objects.filter(test).length / objects.length;
    // About 16,600 objects; a copy follows its original's class, so the standard error is below 0.006.
    for (let c = 0; c < 4; c++) {
      expect(Math.abs(share((o) => o.classIndex === c) - ingredients.weights[c]!)).toBeLessThan(0.025);
    }
    expect(Math.abs(share((o) => o.drawing.set === "a") - 0.5)).toBeLessThan(0.025);
  });

  it("keeps to its ranges", () => {
    for (const { background, view, objects: own } of plans.slice(0, 500)) {
      expect(background).toBeLessThan(5);
      expect(Math.abs(view.pitch)).toBeLessThanOrEqual(0.25);
      expect(own.length).toBeGreaterThanOrEqual(2);
      expect(own.length).toBeLessThanOrEqual(16);
      for (const { placement } of own) {
        expect(placement.size).toBeGreaterThanOrEqual(16);
        expect(placement.size).toBeLessThanOrEqual(32);
        expect(placement.centreX).toBeGreaterThanOrEqual(0.35 * placement.size);
        expect(placement.centreX).toBeLessThanOrEqual(64 - 0.35 * placement.size);
      }
    }
  });
});
