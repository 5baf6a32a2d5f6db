import { expect, it } from "vitest";
import { findWorkerProgram } from "./worker-program.js";

it("takes the built worker where there is one", () => {
  expect(findWorkerProgram({ exists: () => true })?.url.pathname).toMatch(/\/image-worker\.js$/);
});

it("loads the source worker here, where only the sources are", () => {
  expect(findWorkerProgram()).toMatchObject({
    url: { pathname: expect.stringMatching(/image-worker-from-source\.mjs$/) },
    execArgv: ["--conditions=@csl/source"],
  });
});

it("stays in-process where the worker was left out, or where TypeScript cannot be loaded", () => {
  expect(findWorkerProgram({ exists: () => false })).toBeUndefined();
  const onlySource = (file: URL): boolean => file.pathname.endsWith(".mjs");
  expect(findWorkerProgram({ exists: onlySource, hasTsx: () => false })).toBeUndefined();
});
