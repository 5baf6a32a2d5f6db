import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startEngine } from "@csl/engine";
import { expectAllClose, expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { decoderWeights } from "../../test/decoder-weights.js";
import { parityUniform } from "../../test/parity-weights.js";
import { applyHead } from "../head.js";
import { planHead } from "../head-plan.js";
import { isParameter } from "../state-dict-shapes.js";
import { fromTorchLayout, fromTorchShape, toTorchLayout } from "../torch-layout.js";
import { decoderShapes } from "./decoder-shapes.js";
import { decoderSizes, dropoutRate } from "./decoder-sizes.js";
import { type Dropout, seededDropout } from "./dropout.js";

interface Samples {
  norm: number;
  max: number;
  at: number[];
}

interface Pass {
  logits: number[];
  map: Samples;
  gradients: Record<string, Samples>;
}

interface Case {
  name: string;
  classes: number;
  embedding: number;
  groups?: number;
  width?: number;
  shapes: [string, number[]][];
  eval: Pass;
  train: Pass;
}

/** Written by tooling/reference/ml_decoder.py: PyTorch in float64. */
const { input, cases } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../fixtures/ml-decoder.json"), "utf8"),
) as { input: { map: [number, number, number, number]; seed: number; step: number }; cases: Case[] };
const tolerance = 1e-4;

const decoderOf = ({ embedding, groups, width }: Case) =>
  width === undefined ? { embedding, groups: groups! } : { embedding, classEmbedding: width };

/** Logits, and gradients of Σ softplus(logit) · weight by the map and the parameters, in PyTorch's layout. */
async function pass(
  { classes, shapes, ...rest }: Case,
  dropout?: Dropout,
): Promise<{ logits: Float32Array; gradients: Map<string, Float32Array> }> {
  const head = planHead({ numClasses: classes, head: "ml-decoder", decoder: decoderOf(rest as Case) });
  const torch = new Map(shapes);
  const tensors = new Map<string, tf.Tensor>();
  for (const [key, { shape, data }] of decoderWeights(shapes))
    tensors.set(key, tf.tensor(fromTorchLayout(data, shape), fromTorchShape(shape)));
  const map = tf.tensor4d(
    parityUniform(
      "map",
      input.map.reduce((a, b) => a * b, 1),
    ),
    input.map,
  );
  const weights = tf.tensor2d(parityUniform("loss", input.map[0] * classes), [input.map[0], classes]);
  const keys = [...tensors.keys()].filter(isParameter);
  let logits: tf.Tensor2D | undefined;
  const grads = tf.grads((...args: tf.Tensor[]) => {
    const given = new Map([...tensors, ...keys.map((key, i) => [key, args[i + 1]!] as const)]);
    logits = tf.keep(applyHead(args[0] as tf.Tensor4D, head, (key) => given.get(key)!, dropout));
    return tf.sum(tf.mul(tf.softplus(logits), weights));
  })([map, ...keys.map((key) => tensors.get(key)!)]);
  const gradients = new Map<string, Float32Array>();
  for (const [i, key] of ["map", ...keys].entries()) {
    const data = (await grads[i]!.data()) as Float32Array;
    gradients.set(key, key === "map" ? data.slice() : toTorchLayout(data, torch.get(key)!).slice());
  }
  const values = (await logits!.data()).slice() as Float32Array;
  tf.dispose([map, weights, logits!, ...grads, ...tensors.values()]);
  return { logits: values, gradients };
}

function compare(data: Float32Array, { norm, max, at }: Samples, what: string): void {
  const positions = at.map((_, i) => Math.floor((i * (data.length - 1)) / (at.length - 1)));
  try {
    expectAllClose([Math.sqrt(data.reduce((sum, v) => sum + v * v, 0))], [norm], {
      rtol: tolerance,
      atol: 1e-6,
    });
    expectAllClose(
      positions.map((i) => data[i]!),
      at,
      { atol: tolerance * max + 1e-6, rtol: tolerance },
    );
  } catch (error) {
    throw new Error(`gradient of ${what}: ${(error as Error).message}`);
  }
}

test.each(cases)("$name: keys, order and shapes are those of the reference's module", (given) => {
  const sizes = decoderSizes(given.classes, decoderOf(given));
  expect([...decoderShapes(input.map[3], given.classes, sizes)]).toEqual(given.shapes);
});

describe.each(["cpu", "wasm"] as const)("ML-Decoder as PyTorch computes it, on %s", (backend) => {
  beforeAll(async () => {
    await startEngine({ prefer: backend });
  });

  describe.each(cases)("$name", (given) => {
    test.each([
      ["without dropout", given.eval, undefined],
      ["with the dropout of a step", given.train, { seed: input.seed, step: input.step, rate: dropoutRate }],
    ] as const)("%s", async (_, expected, draws) => {
      await expectNoLeak(async () => {
        const { logits, gradients } = await pass(given, draws && seededDropout(draws));
        expectAllClose(logits, expected.logits, { atol: tolerance, rtol: tolerance });
        expect([...gradients.keys()].slice(1).sort()).toEqual(Object.keys(expected.gradients).sort());
        compare(gradients.get("map")!, expected.map, "the map");
        for (const [key, samples] of Object.entries(expected.gradients))
          compare(gradients.get(key)!, samples, key);
      });
    });
  });
});
