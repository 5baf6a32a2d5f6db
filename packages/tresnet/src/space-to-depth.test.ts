import { expectAllClose } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { spaceToDepth } from "./run-network.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

test("channel (dy·4 + dx)·3 + c of output pixel (i, j) is input pixel (4i + dy, 4j + dx), colour c", () => {
  tf.tidy(() => {
    const [height, width] = [8, 12];
    // Every value tells its own place: y·1000 + x·10 + c.
    const values = Float32Array.from({ length: height * width * 3 }, (_, k) => {
      const pixel = Math.floor(k / 3);
      return Math.floor(pixel / width) * 1000 + (pixel % width) * 10 + (k % 3);
    });
    const out = spaceToDepth(tf.tensor4d(values, [1, height, width, 3]));
    expect(out.shape).toEqual([1, 2, 3, 48]);
    const expected: number[] = [];
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 3; j++)
        for (let dy = 0; dy < 4; dy++)
          for (let dx = 0; dx < 4; dx++)
            for (let c = 0; c < 3; c++) expected.push((4 * i + dy) * 1000 + (4 * j + dx) * 10 + c);
    expectAllClose(out.dataSync(), expected, { rtol: 0 });
  });
});
