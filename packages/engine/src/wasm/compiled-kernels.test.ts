import { join } from "node:path";
// @ts-expect-error: a script without types
import { sourceDigest } from "@csl/assemblyscript/source-digest";
import { describe, expect, it } from "vitest";
import { compiledFrom, plainKernels, relaxedKernels } from "./compiled-kernels.js";

describe("compiled kernels", () => {
  it("are those of assembly/ as it stands", () => {
    expect(compiledFrom, "run `node tooling/assemblyscript/build.mjs engine`").toBe(
      sourceDigest(join(import.meta.dirname, "../../assembly")),
    );
  });

  // The module lives on TensorFlow.js's heap: data of its own would overwrite someone's tensors.
  it.each([plainKernels, relaxedKernels])("own no memory and no data", (base64) => {
    const binary = Buffer.from(base64, "base64");
    expect(sectionIds(binary)).not.toContain(11); // the data section
  });

  it("run without relaxed SIMD as well", () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
    const module = new WebAssembly.Module(Buffer.from(plainKernels, "base64"));
    const { runJob } = new WebAssembly.Instance(module, { env: { memory } }).exports as {
      runJob: (block: number, task: number, items: number, threads: number) => void;
    };
    const floats = new Float32Array(memory.buffer);
    floats.set([-3, 1, 2, 5], 256);
    floats.set([1, 1, 1, 1], 512);
    new Int32Array(memory.buffer).set([1024, 2048, 4096, 4, 4], (64 + 32) / 4);
    runJob(64, 12, 1, 1); // addRelu
    expect([...floats.subarray(1024, 1028)]).toEqual([0, 2, 3, 6]);
  });
});

/** The ids of a WebAssembly binary's sections, in order. */
function sectionIds(binary: Uint8Array): number[] {
  const ids: number[] = [];
  for (let at = 8; at < binary.length; ) {
    ids.push(binary[at++]!);
    let size = 0;
    let shift = 0;
    for (let byte = 0x80; byte & 0x80; shift += 7) {
      byte = binary[at++]!;
      size |= (byte & 0x7f) << shift;
    }
    at += size;
  }
  return ids;
}
