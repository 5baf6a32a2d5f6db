import { expect, it } from "vitest";
import { sceneClasses } from "./scene-classes.js";

it("lists 67 of COCO's 80 classes once each, with COCO's ids", () => {
  expect(sceneClasses).toHaveLength(67);
  expect(new Set(sceneClasses.map(({ cocoId }) => cocoId)).size).toBe(67);
  expect(new Set(sceneClasses.map(({ mid }) => mid)).size).toBe(67);
  // Ids that COCO's detection labels skip.
  const gaps = [12, 26, 29, 30, 45, 66, 68, 69, 71, 83];
  for (const { cocoId } of sceneClasses) {
    expect(cocoId).toBeLessThanOrEqual(90);
    expect(gaps).not.toContain(cocoId);
  }
  const id = (name: string) => sceneClasses.find((c) => c.name === name)?.cocoId;
  expect(["person", "stop sign", "backpack", "wine glass", "toilet", "toothbrush"].map(id)).toEqual([
    1, 13, 27, 46, 70, 90,
  ]);
});
