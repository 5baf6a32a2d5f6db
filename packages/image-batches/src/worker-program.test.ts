import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { findWorkerProgram } from "./worker-program.js";

it("finds the source worker next to this package's sources", () => {
  expect(findWorkerProgram()?.url.pathname).toMatch(/picture-worker-from-source\.mjs$/);
});

it("stays in-process where the worker was left out, or where there is no file system", () => {
  expect(findWorkerProgram(pathToFileURL("/nowhere/bundle.js").href)).toBeUndefined();
  expect(findWorkerProgram("https://example.org/bundle.js")).toBeUndefined();
});
