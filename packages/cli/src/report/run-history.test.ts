import { describe, expect, it } from "vitest";
import { RunHistory } from "./run-history.js";

const step = (n: number, loss = n) => ({
  ...{
    type: "step",
    epoch: 0,
    step: n,
    lossPerImage: loss,
    lr: 0.1,
    gradientNorm: n % 7,
    imagesPerSecond: 5,
  },
});

describe("RunHistory", () => {
  it.each([1, 799, 800, 801, 10_000])(
    "keeps the course of %d steps in few groups, without losing one",
    (count) => {
      const history = new RunHistory();
      for (let n = 1; n <= count; n++) history.add(step(n));
      const { groups } = history;
      expect(groups.length).toBeLessThanOrEqual(800);
      expect(groups.reduce((sum, group) => sum + group.count, 0)).toBe(count);
      // Σ of the losses 1 … n is n (n + 1) / 2.
      expect(groups.reduce((sum, group) => sum + group.loss * group.count, 0)).toBeCloseTo(
        (count * (count + 1)) / 2,
        3,
      );
      expect(groups.map(({ from }) => from).slice(1)).toEqual(groups.map(({ to }) => to + 1).slice(0, -1));
      expect(Math.max(...groups.map(({ largestNorm }) => largestNorm))).toBe(Math.min(count, 6));
    },
  );

  it("takes the later of two tries of the same steps and epochs, as after a kill", () => {
    const history = new RunHistory();
    for (const n of [1, 2, 3, 4]) history.add(step(n, 1));
    history.add({ type: "validation", epoch: 0, raw: { mapC: 0.1, mapO: 0.1 } });
    for (const n of [3, 4, 5]) history.add(step(n, 2));
    history.add({ type: "validation", epoch: 0, raw: { mapC: 0.3, mapO: 0.1 } });
    expect(history.groups.map(({ to, loss }) => [to, loss])).toEqual([
      [1, 1],
      [2, 1],
      [3, 2],
      [4, 2],
      [5, 2],
    ]);
    expect(history.pastValidations().map(({ raw }) => raw.mapC)).toEqual([0.3]);
  });

  it.each([[null], ["text"], [{}], [{ type: "other" }], [{ type: "step" }]])("passes over %j", (entry) => {
    const history = new RunHistory();
    history.add(entry ?? {});
    expect(history.groups).toEqual([]);
  });
});
