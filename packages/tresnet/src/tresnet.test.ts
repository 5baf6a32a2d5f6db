import { startEngine } from "@csl/engine";
import type { StateDict } from "@csl/internal/tensors/state-dict";
import { expectAllClose, expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { registerKernels } from "./kernels/register-kernels.js";
import type { TResNetShape } from "./shape.js";
import { createTResNet, type TResNet } from "./tresnet.js";

const tiny: TResNetShape = {
  layers: [1, 1, 2, 1],
  width: 0.125,
  blocks: ["basic", "basic", "bottleneck", "bottleneck"],
};

const build = (options: Partial<Parameters<typeof createTResNet>[0]> = {}): TResNet =>
  createTResNet({ variant: tiny, numClasses: 3, ...options });

const makeImages = (batch = 2, height = 32, width = 40): tf.Tensor4D =>
  tf.randomUniform([batch, height, width, 3], 0, 1, "float32", 7);

describe.each(["cpu", "wasm"] as const)("TResNet on %s", (backend) => {
  beforeAll(async () => {
    await startEngine({ prefer: backend });
  });

  test("owns its tensors; forward, features, gradient, fold and state-dict leave only what they return", async () => {
    await expectNoLeak(async () => {
      const model = build();
      const images = makeImages();
      await expectNoLeak(() => model.forward(images).dispose());
      await expectNoLeak(() => model.forward(images, { training: true }).dispose());
      await expectNoLeak(() => model.features(images).dispose());
      await expectNoLeak(() => {
        const { value, grads } = tf.variableGrads(
          () => tf.sum(model.forward(images, { training: true })) as tf.Scalar,
          [...model.parameters().values()],
        );
        expect(Object.keys(grads)).toHaveLength(model.parameters().size);
        tf.dispose([value, ...Object.values(grads)]);
      });
      await expectNoLeak(() => {
        const folded = model.foldBatchNorm();
        tf.dispose([folded.forward(images), folded.features(images)]);
        folded.dispose();
      });
      await expectNoLeak(async () => {
        model.loadStateDict(await model.stateDict());
      });
      tf.dispose(images);
      model.dispose();
      model.dispose(); // twice is harmless
    });
  });

  test("features are the map before the pooling: ceil(size / 32)", () => {
    const model = build();
    tf.tidy(() => {
      // 32x40 -> 8x10 -> 4x5 -> 2x3 -> 1x2; planes 8 -> 64 · 4
      expect(model.features(makeImages()).shape).toEqual([2, 1, 2, 256]);
    });
    model.dispose();
  });

  test("inference is differentiable, too", () => {
    const model = build();
    tf.tidy(() => {
      const images = makeImages();
      const { grads } = tf.variableGrads(
        () => tf.sum(model.forward(images)) as tf.Scalar,
        [...model.parameters().values()],
      );
      const bias = grads[model.parameters().get("head.fc.bias")!.name]!;
      expectAllClose(bias.dataSync(), [2, 2, 2], { rtol: 1e-6 }); // one per image
      const stem = grads[model.parameters().get("body.conv1.1.weight")!.name]!;
      expect(tf.norm(stem).dataSync()[0]).toBeGreaterThan(0);
    });
    model.dispose();
  });

  test("running statistics: momentum .1, unbiased variance", async () => {
    const model = build();
    const images = makeImages();
    const before = await model.stateDict();
    model.forward(images, { training: true }).dispose();
    const after = await model.stateDict();
    // The stem's input is known: one convolution of the space-to-depth images.
    const [mean, variance, count] = tf.tidy(() => {
      const cells = tf.reshape(
        tf.transpose(tf.reshape(images, [2, 8, 4, 10, 12]), [0, 1, 3, 2, 4]),
        [2, 8, 10, 48],
      ) as tf.Tensor4D;
      const filter = model.parameters().get("body.conv1.0.weight") as tf.Tensor as tf.Tensor4D;
      const z = tf.conv2d(cells, filter, 1, "same");
      const moments = tf.moments(z, [0, 1, 2]);
      return [moments.mean.dataSync(), moments.variance.dataSync(), 2 * 8 * 10];
    });
    const expectMoved = (name: string, batch: ArrayLike<number>, factor: number): void => {
      const key = `body.conv1.1.${name}`;
      const expected = [...before.get(key)!.data].map((old, i) => 0.9 * old + 0.1 * factor * batch[i]!);
      expectAllClose(after.get(key)!.data, expected, { atol: 1e-6, rtol: 1e-5 });
    };
    expectMoved("running_mean", mean, 1);
    expectMoved("running_var", variance, count / (count - 1));
    expect(after.get("body.layer4.0.conv3.1.num_batches_tracked")).toEqual({
      shape: [],
      data: Float32Array.of(1),
    });
    images.dispose();
    model.dispose();
  });
});

describe("a backend without kernels of its own", () => {
  test("runs the composed ones: same logits and gradients, no leak", async () => {
    await startEngine({ prefer: "cpu" });
    const model = build({ seed: 3 });
    const images = makeImages();
    const variables = [...model.parameters().values()];
    const run = (): number[][] =>
      tf.tidy(() => {
        const f = (): tf.Scalar => tf.sum(tf.square(model.forward(images, { training: true })));
        const { value, grads } = tf.variableGrads(f, variables);
        return [value, ...Object.values(grads)].map((tensor) => [...tensor.dataSync()]);
      });
    const flat = run();
    try {
      registerKernels("cpu", { form: "composed" });
      await expectNoLeak(() => {
        for (const [i, values] of run().entries())
          expectAllClose(values, flat[i]!, { atol: 1e-5, rtol: 1e-3 });
      });
    } finally {
      registerKernels("cpu", { form: "flat" });
    }
    images.dispose();
    model.dispose();
  });
});

describe("createTResNet", () => {
  beforeAll(async () => {
    await startEngine({ prefer: "cpu" });
  });

  const stateOf = async (options: Parameters<typeof build>[0]): Promise<StateDict> => {
    const model = build(options);
    const state = await model.stateDict();
    model.dispose();
    return state;
  };

  test("initial values come from the seed, tensor by tensor", async () => {
    const [one, same, other, wide] = [
      await stateOf({ seed: 1 }),
      await stateOf({ seed: 1 }),
      await stateOf({ seed: 2 }),
      await stateOf({ seed: 1, head: "bottleneck" }),
    ] as const;
    const key = "body.layer3.0.conv2.0.0.weight";
    expect(same).toEqual(one);
    expect(other.get(key)!.data).not.toEqual(one.get(key)!.data);
    expect(wide.get(key)).toEqual(one.get(key)); // the head does not change the body
  });

  test("initial values have the reference's distributions", async () => {
    const state = await stateOf({ variant: { ...tiny, width: 0.5 }, numClasses: 80 });
    const deviation = (key: string): number => {
      const { data } = state.get(key)!;
      return Math.sqrt(data.reduce((sum, v) => sum + v * v, 0) / data.length);
    };
    // Kaiming, fan_out: √(2 / (out · 3 · 3)); thousands of numbers, so 5 % is many standard errors.
    expectAllClose([deviation("body.conv1.0.weight")], [Math.sqrt(2 / (32 * 9))], { rtol: 0.05 });
    expectAllClose([deviation("body.layer4.0.conv1.0.weight")], [Math.sqrt(2 / 256)], { rtol: 0.05 });
    expectAllClose([deviation("head.fc.weight")], [0.01], { rtol: 0.05 });
    expect(state.get("body.layer1.0.conv1.1.weight")!.data.every((w) => w === 1)).toBe(true);
    expect(state.get("body.layer1.0.conv2.1.weight")!.data.every((w) => w === 0)).toBe(true);
    expect(state.get("body.layer3.0.conv2.0.1.weight")!.data.every((w) => w === 1)).toBe(true);
    expect(state.get("body.layer3.0.conv3.1.weight")!.data.every((w) => w === 0)).toBe(true);
    expect(state.get("body.conv1.1.running_var")!.data.every((v) => v === 1)).toBe(true);
    const bound = 1 / Math.sqrt(1024);
    expect(state.get("head.fc.bias")!.data.every((b) => b !== 0 && Math.abs(b) <= bound)).toBe(true);
  });

  test("config builds the same model again, also through JSON", async () => {
    const model = build({ seed: 5, head: "bottleneck" });
    const again = createTResNet(JSON.parse(JSON.stringify(model.config)));
    expect(await again.stateDict()).toEqual(await model.stateDict());
    model.dispose();
    again.dispose();
  });

  test("summary lists stages, sizes and counts", () => {
    const model = build();
    const text = model.summary({ size: 64 });
    const total = [...model.parameters().values()].reduce((sum, { size }) => sum + size, 0);
    expect(text).toContain(total.toLocaleString("en-US"));
    expect(text).toMatch(/stage 3 +2 bottleneck \+ SE +4x4x128/);
    expect(text).toMatch(/stage 4 +1 bottleneck +2x2x256/);
    model.dispose();
  });

  test.each(["forward", "features", "a training", "folded"] as const)(
    "images in 0-255 are refused where the first batch has them: %s",
    (how) => {
      const model = build();
      const folded = model.foldBatchNorm();
      const give = (images: tf.Tensor4D): tf.Tensor => {
        if (how === "folded") return folded.forward(images);
        if (how === "features") return model.features(images);
        return model.forward(images, { training: how === "a training" });
      };
      tf.tidy(() => {
        const bytes = tf.mul(makeImages(), 255) as tf.Tensor4D;
        expect(() => give(bytes)).toThrow(/expected images in \[0, 1\], got values up to 25\d.*Divide/);
        // It is one look, not one a step: the wait for the device would be.
        expect(give(bytes).shape[0]).toBe(2);
      });
      folded.dispose();
      model.dispose();
    },
  );

  test("images that were normalised are taken", () => {
    const model = build();
    tf.tidy(() => {
      const images = tf.mul(tf.sub(makeImages(), 0.4), 5) as tf.Tensor4D;
      expect(model.forward(images).shape).toEqual([2, 3]);
    });
    model.dispose();
  });

  test("bad images are refused with the way out", () => {
    const model = build();
    tf.tidy(() => {
      const forward = (shape: number[], dtype: "float32" | "int32" = "float32"): (() => tf.Tensor) => {
        const images = tf.zeros<tf.Rank.R4>(shape as [number, number, number, number], dtype);
        return () => model.forward(images);
      };
      expect(forward([1, 32, 32, 3], "int32")).toThrow(/float32.*int32.*255/);
      expect(forward([1, 32, 32, 1])).toThrow(/\[1,32,32,1\]/);
      expect(forward([1, 30, 32, 3])).toThrow(/multiples of 4.*30x32/);
      expect(forward([1, 16, 32, 3])).toThrow(/at least 20.*16x32/);
      expect(forward([0, 32, 32, 3])).toThrow(/empty batch/);
      expect(() => model.forward(tf.zeros<tf.Rank.R4>([1, 20, 20, 3]), { training: true })).toThrow(
        /more than one value/,
      );
      expect(model.forward(tf.zeros<tf.Rank.R4>([1, 20, 20, 3])).shape).toEqual([1, 3]);
    });
    model.dispose();
    expect(() => model.forward(tf.zeros<tf.Rank.R4>([1, 32, 32, 3]))).toThrow(/disposed/);
  });
});

describe("loadStateDict", () => {
  beforeAll(async () => {
    await startEngine({ prefer: "cpu" });
  });

  test("round trip, with module. before the keys", async () => {
    const [from, to] = [build({ seed: 1 }), build({ seed: 2 })];
    const state = await from.stateDict();
    const report = to.loadStateDict(new Map([...state].map(([key, tensor]) => [`module.${key}`, tensor])));
    expect(report).toEqual({
      ...{ loaded: [...state.keys()], missing: [], unexpected: [], mismatched: [], beside: [] },
    });
    expect(await to.stateDict()).toEqual(state);
    from.dispose();
    to.dispose();
  });

  test("strict errors are short lists and change nothing; otherwise what fits is loaded", async () => {
    const [from, to] = [build({ seed: 1, numClasses: 4 }), build({ seed: 2 })];
    const before = await to.stateDict();
    const state = await from.stateDict();
    state.delete("body.conv1.0.weight");
    state.set("head.extra", { shape: [1], data: Float32Array.of(0) });
    expect(() => to.loadStateDict(state)).toThrow(
      /1 missing \(body\.conv1\.0\.weight\); 1 unexpected \(head\.extra\); 2 of another shape \(head\.fc\.weight \[4,256\] for \[3,256\]/,
    );
    expect(await to.stateDict()).toEqual(before);
    const report = to.loadStateDict(state, { strict: false });
    expect(report.missing).toEqual(["body.conv1.0.weight"]);
    expect(report.mismatched.map(({ key }) => key)).toEqual(["head.fc.weight", "head.fc.bias"]);
    const after = await to.stateDict();
    expect(after.get("body.layer1.0.conv1.0.weight")).toEqual(state.get("body.layer1.0.conv1.0.weight"));
    expect(after.get("head.fc.weight")).toEqual(before.get("head.fc.weight"));
    expect(() => to.loadStateDict(new Map())).toThrow(/missing \(body.*, and \d+ more\)/);
    from.dispose();
    to.dispose();
  });

  test("values that are not finite, or too few, are refused before anything changes", async () => {
    const model = build();
    const state = await model.stateDict();
    const before = await model.stateDict();
    state.get("body.conv1.1.bias")!.data.fill(1);
    state.get("head.fc.bias")!.data[1] = Number.NaN;
    expect(() => model.loadStateDict(state)).toThrow(/NaN in head\.fc\.bias/);
    state.set("head.fc.bias", { shape: [3], data: new Float32Array(2) });
    expect(() => model.loadStateDict(state)).toThrow(/head\.fc\.bias \[3\] to have 3 values, got 2/);
    expect(await model.stateDict()).toEqual(before);
    model.dispose();
  });
});
