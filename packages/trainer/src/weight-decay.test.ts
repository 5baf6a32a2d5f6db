import { expect, test } from "vitest";
import { decays } from "./weight-decay.js";

test.each([
  ["body.conv1.0.weight", [3, 3, 48, 64], true],
  ["head.fc.weight", [2048, 80], true],
  ["body.conv1.1.weight", [64], false], // normalisation weight: a vector
  ["head.fc.bias", [80], false],
  ["body.layer1.0.se.fc1.bias", [1, 64], false], // by its name, whatever its shape
])("%s %j decays: %s", (key, shape, expected) => {
  expect(decays(key, shape)).toBe(expected);
});
