import { expect, it } from "vitest";
import { mixSeeds } from "./mix-seeds.js";

it("gives every (seed, epoch, image) of a small grid a seed of its own, whatever the order of the parts", () => {
  const seen = new Set<number>();
  for (let seed = 0; seed < 20; seed++) {
    for (let epoch = 0; epoch < 20; epoch++) {
      for (let index = 0; index < 50; index++) seen.add(mixSeeds(seed, epoch, index));
    }
  }
  // 20 000 draws of 2^32 collide 0.05 times on average.
  expect(seen.size).toBeGreaterThanOrEqual(19_999);
  expect(mixSeeds(1, 2)).not.toBe(mixSeeds(2, 1));
});
