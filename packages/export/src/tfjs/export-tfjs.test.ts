import { startEngine } from "@csl/engine";
import { descriptionKey, parseModelDescription } from "@csl/internal/model-description/model-description";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { largestDifference, ourLogits } from "../../test/our-logits.js";
import { factsOf, smallModels } from "../../test/small-models.js";
import { trainedState } from "../../test/trained-state.js";
import { exportTfjs } from "./export-tfjs.js";

beforeAll(() => startEngine({ prefer: "wasm" }));

it.each(smallModels.filter(({ model }) => model.head !== "ml-decoder"))(
  "$name gives our logits in plain TensorFlow.js: no further off than three times float32's noise",
  async ({ model, imageSize }) => {
    const state = trainedState(model);
    const { json, weights } = exportTfjs({ model, state, facts: factsOf(model, imageSize) });
    const bytes = Buffer.concat([...weights.parts()]);
    expect(bytes.length).toBe(weights.byteLength);
    const { modelTopology, weightsManifest, userDefinedMetadata, signature } = JSON.parse(json);
    const loaded = await tf.loadGraphModel(
      tf.io.fromMemory({
        ...{ modelTopology, userDefinedMetadata, signature },
        weightSpecs: weightsManifest[0].weights,
        weightData: new Uint8Array(bytes).buffer,
      }),
    );
    const { [descriptionKey]: text } = loaded.metadata as Record<string, string>;
    expect(parseModelDescription(text!, "model.json").imageSize).toBe(imageSize);
    const pixels = Uint8Array.from({ length: 3 * imageSize * imageSize * 3 }, (_, i) => (i * 7919) % 251);
    const images = tf.tensor4d(
      Float32Array.from(pixels, (byte) => byte / 255),
      [3, imageSize, imageSize, 3],
    );
    const output = loaded.predict(images) as tf.Tensor;
    const logits = (await output.data()) as Float32Array;
    const ours = await ourLogits({ model, state }, pixels, imageSize);
    const noise = largestDifference(ours.apart, ours.folded);
    expect(largestDifference(logits, ours.folded)).toBeLessThanOrEqual(3 * noise);
    for (const one of [images, output, loaded]) one.dispose();
  },
);

it("refuses an ML-Decoder, which TensorFlow.js' graph does not hold well", () => {
  const { model, imageSize } = smallModels.find(({ name }) => name === "ML-Decoder")!;
  expect(() => exportTfjs({ model, state: trainedState(model), facts: factsOf(model, imageSize) })).toThrow(
    expect.objectContaining({ code: "unsupported" }),
  );
});
