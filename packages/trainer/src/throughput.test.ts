import { expect, test } from "vitest";
import { createThroughput } from "./throughput.js";

test("speed and time left of even steps; a restart leaves out what went before", () => {
  let time = 0;
  const throughput = createThroughput(() => time);
  time += 500;
  const first = throughput.step(8, 10);
  expect(first.imagesPerSecond).toBe(16);
  expect(first.secondsLeft).toBe(5);
  time += 60_000; // a validation
  throughput.restart();
  time += 500;
  const second = throughput.step(8, 9);
  expect(second.imagesPerSecond).toBeCloseTo(16, 12);
  expect(second.secondsLeft).toBeCloseTo(4.5, 12);
});

test("a clock that stands still gives no infinite speed", () => {
  expect(createThroughput(() => 0).step(8, 10)).toEqual({ imagesPerSecond: 0, secondsLeft: 0 });
});
