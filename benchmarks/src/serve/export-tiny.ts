import { startEngine } from "@csl/engine";
import { exportOnnx } from "@csl/export";
import { createTResNet, type TResNetShape } from "@csl/tresnet";

/** TResNet-tiny, as `csl train --model-name tresnet_tiny` has it, with random weights and 20 classes, as an ONNX file. */
export async function exportTiny(): Promise<Uint8Array> {
  await startEngine({ prefer: "wasm" });
  const variant: TResNetShape = {
    ...{ layers: [1, 1, 1, 1], width: 0.25, blocks: ["basic", "basic", "basic", "basic"] },
  };
  const model = { variant, numClasses: 20, head: "linear" } as const;
  const network = createTResNet({ ...model, seed: 1 });
  const state = await network.stateDict();
  network.dispose();
  const classes = Array.from({ length: 20 }, (_, i) => ({ id: `c${i}`, name: `Class ${i}` }));
  return Buffer.concat([...exportOnnx({ model, state, facts: { imageSize: 64, classes } }).parts()]);
}
