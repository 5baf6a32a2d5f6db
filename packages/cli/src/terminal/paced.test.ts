import { expect, it } from "vitest";
import { paced } from "./paced.js";

it("shows the first value, and later ones after the interval only", () => {
  const shown: number[] = [];
  let time = 0;
  const show = paced<number>((value) => shown.push(value), { interval: 100, now: () => time });
  for (time = 0; time <= 250; time += 50) show(time);
  expect(shown).toEqual([0, 100, 200]);
});
