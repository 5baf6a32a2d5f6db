import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTResNet, registerKernels, stateDictShapes, type TResNet } from "./index.js";

const tiny = {
  layers: [1, 1, 1, 1],
  width: 0.125,
  blocks: ["basic", "basic", "bottleneck", "bottleneck"],
} as const;
let model: TResNet;

beforeAll(async () => {
  await tf.setBackend("cpu");
  model = createTResNet({ variant: tiny, numClasses: 2 });
});
afterAll(() => model.dispose());

function thrown(call: () => unknown): CslError | undefined {
  try {
    call();
  } catch (error) {
    if (error instanceof CslError) return error;
    throw error;
  }
  return undefined;
}

const wrong = { notAnOption: 1 } as never;
const none = undefined as never;

test.each<[string, () => unknown]>([
  ["createTResNet", () => createTResNet(wrong)],
  ["stateDictShapes", () => stateDictShapes(wrong)],
  ["registerKernels", () => registerKernels("cpu", wrong)],
  ["forward", () => model.forward(none, wrong)],
  ["features", () => model.features(none, wrong)],
  ["loadStateDict", () => model.loadStateDict(none, wrong)],
  ["summary", () => model.summary(wrong)],
  [
    "createTResNet: variant",
    () => createTResNet({ variant: { ...tiny, ...(wrong as object) }, numClasses: 2 }),
  ],
  ["createTResNet: slopes", () => createTResNet({ variant: { ...tiny, slopes: wrong }, numClasses: 2 })],
])("%s refuses an option that it does not have, before anything else", (name, call) => {
  const error = thrown(call);
  expect(error?.code).toBe("unknown-option");
  expect(error?.message).toMatch(`${name}: unknown option "notAnOption". Known: `);
});

test("errors have codes: what is wrong with a shape, a state dict, a disposed model", () => {
  expect(thrown(() => createTResNet({ variant: "s" as "m", numClasses: 2 }))?.code).toBe("invalid-argument");
  expect(thrown(() => model.loadStateDict(new Map()))?.code).toBe("mismatch");
  const gone = createTResNet({ variant: tiny, numClasses: 2 });
  gone.dispose();
  expect(thrown(() => gone.forward(tf.zeros([1, 32, 32, 3])))?.code).toBe("closed");
});
