import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { convolutionResults, convolutions, testConvolutions } from "../../test/convolutions.js";
import { startEngine } from "../start-engine.js";

describe("gradient kernels against the cpu backend", () => {
  beforeAll(async () => {
    await startEngine({ prefer: "wasm", threads: 2 });
  });

  testConvolutions("wasm");

  it("give the same bits with one thread, with three, and while helpers come and go", async () => {
    const engine = await startEngine({ prefer: "wasm", threads: 1 });
    const one = await convolutionResults("wasm", tf.conv2d, convolutions[0]!);
    for (const threads of [3, 1, 4, 2]) {
      await startEngine({ prefer: "wasm", threads });
      for (let i = 0; i < 20; i++)
        expect(await convolutionResults("wasm", tf.conv2d, convolutions[0]!)).toEqual(one);
    }
    engine.stop();
    expect(await convolutionResults("wasm", tf.conv2d, convolutions[0]!)).toEqual(one);
  });

  it("say when the heap is full", () => {
    const backend = tf.backend() as unknown as { makeOutput(shape: number[], dtype: string): tf.TensorInfo };
    const gigabyte = 2 ** 28; // floats
    const kept: tf.TensorInfo[] = [];
    expect(() => {
      for (let i = 0; i < 5; i++) kept.push(backend.makeOutput([gigabyte], "float32"));
    }).toThrow("wasm: expected memory for 1024 MiB on the heap, which ends at 4 GiB. Use a smaller batch");
    for (const { dataId } of kept) tf.backend().disposeData(dataId);
  });
});
