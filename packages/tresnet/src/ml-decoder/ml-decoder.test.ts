import { startEngine } from "@csl/engine";
import type { CslError } from "@csl/internal/errors/csl-error";
import { expectAllClose, expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { parityUniform } from "../../test/parity-weights.js";
import { detectTResNet } from "../detect-tresnet.js";
import { isParameter, stateDictShapes, type TResNetOptions } from "../state-dict-shapes.js";
import { createTResNet } from "../tresnet.js";

const tiny = { layers: [1, 1, 1, 1], width: 0.0625, blocks: ["basic", "basic", "basic", "basic"] } as const;
const options = (decoder?: TResNetOptions["decoder"], numClasses = 7): TResNetOptions => ({
  ...{ variant: tiny, numClasses, head: "ml-decoder" },
  decoder: { embedding: 16, ...decoder },
});

beforeAll(async () => {
  await startEngine({ prefer: "wasm" });
});

const images = (): tf.Tensor4D =>
  tf.tensor4d(
    parityUniform("images", 2 * 36 * 36 * 3).map((u) => (u + 1) / 2),
    [2, 36, 36, 3],
  );

describe.each([
  ["queries", options({ groups: 3 })],
  ["class embeddings", options({ classEmbedding: 5 })],
])("a TResNet with an ML-Decoder of %s", (_, given) => {
  test("has its weights back from its state-dict, also folded, and its configuration builds it again", async () => {
    await expectNoLeak(async () => {
      const model = createTResNet({ ...given, seed: 4 });
      const state = await model.stateDict();
      const key = "head.decoder.query_embed";
      if (state.has(key)) state.set(key, { ...state.get(key)!, data: parityUniform("classes", 35) });
      model.loadStateDict(state);
      const again = createTResNet(JSON.parse(JSON.stringify({ ...model.config, seed: 9 })));
      again.loadStateDict(await model.stateDict());
      const folded = again.foldBatchNorm();
      const input = images();
      const outputs = [model, again, folded].map((each) => each.forward(input));
      const [own, loaded, asFolded] = await Promise.all(outputs.map((output) => output.data()));
      expect(outputs[0]!.shape).toEqual([2, 7]);
      expect(loaded).toEqual(own);
      expectAllClose(asFolded!, own!, { atol: 1e-4, rtol: 1e-4 });
      expect(new Set(own).size).toBe(14);
      tf.dispose([input, ...outputs]);
      folded.dispose();
      again.dispose();
      model.dispose();
    });
  });

  test("drops out in training by seed and step alone", () => {
    tf.tidy(() => {
      const model = createTResNet({ ...given, seed: 4 });
      const input = images();
      const train = (): Float32Array =>
        model.forward(input, { training: true }).dataSync<"float32">().slice();
      const first = train();
      expect(train()).not.toEqual(first);
      model.trainedBatches = 0;
      expect(train()).toEqual(first);
      model.dispose();
    });
  });

  test("is found by its keys, and its queries are no parameters", () => {
    const shapes = stateDictShapes(given);
    const found = detectTResNet(shapes);
    expect(found).toMatchObject({ numClasses: 7, head: "ml-decoder" });
    expect(stateDictShapes(found)).toEqual(shapes);
    const fixed = [...shapes.keys()].filter((key) => key.startsWith("head.") && !isParameter(key));
    expect(fixed).toEqual([expect.stringMatching(/^head\.decoder\.query_embed/)]);
  });
});

// Counted in PyTorch on the reference's modules, queries included: COCO, and OpenImages with 200 groups.
test.each([
  [80, undefined, 7_212_112],
  [9605, 200, 14_778_757],
])("the head of TResNet-M for %d classes has the reference's size", (numClasses, groups, expected) => {
  const shapes = stateDictShapes({
    ...{ variant: "m", numClasses, head: "ml-decoder" },
    decoder: groups === undefined ? {} : { groups },
  });
  const head = [...shapes].filter(([key]) => key.startsWith("head."));
  expect(head.reduce((sum, [, shape]) => sum + shape.reduce((a, b) => a * b, 1), 0)).toBe(expected);
});

test.each<[string, TResNetOptions, RegExp]>([
  ["a width of 20", options({ embedding: 20 }), /decoder\.embedding to be a multiple of 8, got 20/],
  ["no group", options({ groups: 0 }), /decoder\.groups to be a whole number of at least 1, got 0/],
  ["half an embedding", options({ classEmbedding: 1.5 }), /decoder\.classEmbedding to be a whole number/],
  ["groups and embeddings", options({ groups: 2, classEmbedding: 5 }), /either decoder\.groups or/],
  ["sizes of another head", { ...options(), head: "linear" }, /decoder with head "ml-decoder" only/],
])("%s is refused", (_, given, message) => {
  expect(() => createTResNet(given)).toThrow(
    expect.objectContaining<Partial<CslError>>({
      code: "invalid-argument",
      message: expect.stringMatching(message),
    }),
  );
});
