import { hasSoftwareGpu, noSoftwareGpu, useSoftwareGpu } from "@csl/test-support/software-gpu";
import { beforeAll, describe } from "vitest";
import { testConvolutions } from "../../test/convolutions.js";
import { startEngine } from "../start-engine.js";

if (!hasSoftwareGpu) console.log(`convolutions on webgpu: ${noSoftwareGpu}`);

describe.skipIf(!hasSoftwareGpu)("convolutions on webgpu", () => {
  beforeAll(async () => {
    useSoftwareGpu();
    await startEngine({ prefer: "webgpu" });
  });

  testConvolutions("webgpu");
});
