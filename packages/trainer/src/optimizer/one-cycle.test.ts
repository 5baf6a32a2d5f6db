import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { oneCycle } from "./one-cycle.js";

// 30 pairs [lr, beta1] of torch's OneCycleLR on Adam (max_lr 2e-4, pct_start 0.2), as the reference uses it.
const golden = JSON.parse(
  readFileSync(new URL("../../fixtures/onecycle-30.json", import.meta.url), "utf8"),
) as {
  maxLr: number;
  totalSteps: number;
  pctStart: number;
  trace: [number, number][];
};

test("the trace of 30 steps equals the reference's, rate and beta1", () => {
  const { trace, ...options } = golden;
  const schedule = oneCycle(options);
  trace.forEach(([lr, beta1], step) => {
    const got = schedule(step);
    expect(Math.abs(got.lr - lr) / lr).toBeLessThan(1e-10);
    expect(Math.abs(got.beta1 - beta1)).toBeLessThan(1e-12);
  });
});

test("the peak comes at pctStart, the ends are maxLr / 25 and a ten thousandth of that", () => {
  const schedule = oneCycle({ maxLr: 1, totalSteps: 100 });
  expect(schedule(0).lr).toBeCloseTo(1 / 25, 12);
  expect(schedule(0).beta1).toBeCloseTo(0.95, 12);
  expect(schedule(19)).toEqual({ lr: 1, beta1: 0.85 });
  expect(schedule(99).lr).toBeCloseTo(1 / 25 / 1e4, 15);
});

test("runs of one to five steps have finite rates within the limits", () => {
  for (let totalSteps = 1; totalSteps <= 5; totalSteps++) {
    const schedule = oneCycle({ maxLr: 1, totalSteps });
    for (let step = 0; step < totalSteps; step++) {
      const { lr, beta1 } = schedule(step);
      expect(lr).toBeGreaterThan(0);
      expect(lr).toBeLessThanOrEqual(1);
      expect(beta1).toBeGreaterThanOrEqual(0.85);
      expect(beta1).toBeLessThanOrEqual(0.95);
    }
  }
});

test("a step outside the schedule and a senseless schedule are refused", () => {
  expect(() => oneCycle({ maxLr: 1, totalSteps: 3 })(3)).toThrow("expected a step from 0 to 2, got 3");
  expect(() => oneCycle({ maxLr: 0, totalSteps: 3 })).toThrow(
    "expected maxLr, the learning rate, to be a finite number above 0, got 0",
  );
  expect(() => oneCycle({ maxLr: 1, totalSteps: 0 })).toThrow("whole number of steps");
});
