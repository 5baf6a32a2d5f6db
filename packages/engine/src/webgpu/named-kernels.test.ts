import { hasSoftwareGpu, noSoftwareGpu, useSoftwareGpu } from "@csl/test-support/software-gpu";
import { beforeAll, describe } from "vitest";
import { testNamedKernels } from "../../test/named-kernels.js";
import { startEngine } from "../start-engine.js";

if (!hasSoftwareGpu) console.log(`named kernels on webgpu: ${noSoftwareGpu}`);

describe.skipIf(!hasSoftwareGpu)("named kernels on webgpu", () => {
  beforeAll(async () => {
    useSoftwareGpu();
    await startEngine({ prefer: "webgpu" });
  });

  testNamedKernels("webgpu");
});
