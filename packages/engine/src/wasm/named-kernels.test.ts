import { beforeAll, describe } from "vitest";
import { testNamedKernels } from "../../test/named-kernels.js";
import { startEngine } from "../start-engine.js";

describe("named kernels on wasm", () => {
  beforeAll(async () => {
    await startEngine({ prefer: "wasm", threads: 2 });
  });

  testNamedKernels("wasm");
});
