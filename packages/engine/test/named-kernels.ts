import { expectAllClose, expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs-core";
import { describe, it } from "vitest";

// The kernels named by @csl/tresnet and @csl/trainer, against the same formulas written in TensorFlow.js ops and
// differentiated by it, on the cpu backend.
const tolerance = { atol: 1e-4, rtol: 1e-4 };

const run = (name: string, inputs: object, attrs: object = {}): tf.Tensor[] => {
  const outputs = tf
    .engine()
    .runKernel(name, inputs as tf.NamedTensorMap, attrs as tf.NamedAttrMap) as unknown as
    | tf.Tensor
    | tf.Tensor[];
  return Array.isArray(outputs) ? outputs : [outputs];
};

/** Computes on a backend; tensors are made from arrays there, results leave it as arrays. */
async function on(backend: string, compute: () => tf.Tensor[]): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  const results = tf.tidy(compute);
  const values = await Promise.all(results.map((tensor) => tensor.data<"float32">()));
  tf.dispose(results);
  return values;
}

function expectSame(actual: Float32Array[], expected: Float32Array[]): void {
  for (const [i, values] of expected.entries()) expectAllClose(actual[i]!, values, tolerance);
}

const random = (shape: number[], seed: number, low = -1, high = 1): tf.Tensor4D =>
  tf.randomUniform(shape as [number, number, number, number], low, high, "float32", seed);

/** Channels that fill the vectors of the kernels, leave a rest, and are fewer than one vector. */
const shapes = [
  [2, 6, 5, 16],
  [3, 4, 4, 21],
  [2, 3, 2, 3],
  [4, 30, 30, 8],
];

/** The tests of the named kernels on a backend, within a `describe` that has started it. */
export function testNamedKernels(backend: string): void {
  describe.each(shapes)("[%i,%i,%i,%i]", (...shape) => {
    const channels = shape[3]!;
    const attrs = { epsilon: 1e-5, slope: 0.01 };
    const inputs = (): tf.Tensor[] => [
      tf.add(random(shape, 1), 3), // a common offset, as it would cancel in a careless variance
      random([channels], 2),
      random([channels], 3),
      random(shape, 4),
    ];
    const batchNorm = (
      x: tf.Tensor,
      w: tf.Tensor,
      b: tf.Tensor,
      mean: tf.Tensor,
      variance: tf.Tensor,
    ): tf.Tensor => {
      const scaled = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, attrs.epsilon)));
      return tf.leakyRelu(tf.add(tf.mul(scaled, tf.add(tf.abs(w), attrs.epsilon)), b), attrs.slope);
    };

    it("CslAbn and CslAbnGrad", async () => {
      const expected = await on("cpu", () => {
        const [x, w, b, dy] = inputs() as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        const forward = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor): tf.Tensor => {
          const { mean, variance } = tf.moments(x, [0, 1, 2]);
          return batchNorm(x, w, b, mean, variance);
        };
        const { mean, variance } = tf.moments(x, [0, 1, 2]);
        return [forward(x, w, b), mean, variance, ...tf.grads(forward)([x, w, b], dy)];
      });
      const actual = await on(backend, () => {
        const [x, weight, bias, dy] = inputs();
        const [y, mean, variance] = run("CslAbn", { x, weight, bias }, attrs);
        const gradients = run("CslAbnGrad", { dy, y, weight, bias, variance }, { ...attrs, frozen: false });
        return [y!, mean!, variance!, ...gradients];
      });
      expectSame(actual, expected);
    });

    it("CslAbnInference and its gradient", async () => {
      const statistics = (): [tf.Tensor, tf.Tensor] => [random([channels], 5), random([channels], 6, 0.5, 2)];
      const expected = await on("cpu", () => {
        const [x, w, b, dy] = inputs() as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        const forward = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor): tf.Tensor =>
          batchNorm(x, w, b, ...statistics());
        return [forward(x, w, b), ...tf.grads(forward)([x, w, b], dy)];
      });
      const actual = await on(backend, () => {
        const [x, weight, bias, dy] = inputs();
        const [mean, variance] = statistics();
        const [y] = run("CslAbnInference", { x, weight, bias, mean, variance }, attrs);
        return [y!, ...run("CslAbnGrad", { dy, y, weight, bias, variance }, { ...attrs, frozen: true })];
      });
      expectSame(actual, expected);
    });

    // The last norm of a residual block starts with weight 0: gamma is 1e-5 then, and y hardly differs from its bias.
    it("CslAbnGrad with a weight of 0", async () => {
      const parameters = (): [tf.Tensor, tf.Tensor] => [
        tf.zeros([channels]),
        tf.mul(random([channels], 3), 1e-4),
      ];
      const dx = await on("cpu", () => {
        const [x, w, b, dy] = [random(shape, 1), ...parameters(), random(shape, 4)] as const;
        const { mean, variance } = tf.moments(x, [0, 1, 2]);
        const y = batchNorm(x, w, b, mean, variance);
        const dz = tf.mul(dy, tf.add(tf.mul(tf.step(y), 1 - attrs.slope), attrs.slope));
        const along = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, attrs.epsilon)));
        const centred = tf.sub(
          tf.sub(dz, tf.mean(dz, [0, 1, 2])),
          tf.mul(along, tf.mean(tf.mul(dz, along), [0, 1, 2])),
        );
        return [tf.div(centred, tf.sqrt(tf.add(variance, attrs.epsilon)))]; // dx / gamma
      });
      const actual = await on(backend, () => {
        const [x, weight, bias, dy] = [random(shape, 1), ...parameters(), random(shape, 4)] as const;
        const [y, , variance] = run("CslAbn", { x, weight, bias }, attrs);
        return [
          tf.mul(run("CslAbnGrad", { dy, y, weight, bias, variance }, { ...attrs, frozen: false })[0]!, 1e5),
        ];
      });
      expectAllClose(actual[0]!, dx[0]!, { atol: 1e-3, rtol: 1e-3 });
    });

    it("CslAddRelu, CslAddReluGrad and CslRunningUpdate", async () => {
      const compute = (native: boolean) => () => {
        const [a, b] = [random(shape, 1), random(shape, 2)];
        const y = native ? run("CslAddRelu", { a, b })[0]! : tf.relu(tf.add(a, b));
        const dx = native ? run("CslAddReluGrad", { dy: b, y })[0]! : tf.mul(b, tf.step(y));
        const update = native
          ? run("CslRunningUpdate", [a, y, b, a], { keep: 0.9, add: [0.125, 0.5] })
          : [tf.add(tf.mul(a, 0.9), tf.mul(b, 0.125)), tf.add(tf.mul(y, 0.9), tf.mul(a, 0.5))];
        return [y, dx, ...update];
      };
      expectSame(await on(backend, compute(true)), await on("cpu", compute(false)));
    });

    it("CslSqueezeExcite and CslSqueezeExciteGrad", async () => {
      const [batch = 1, height = 1, width = 1] = shape;
      const reduced = 5;
      const make = (): tf.Tensor[] => [
        random(shape, 1),
        random([1, 1, channels, reduced], 2),
        random([reduced], 3),
        random([1, 1, reduced, channels], 4, -4, 4),
        random([channels], 5),
      ];
      const expected = await on("cpu", () => {
        const dy = random(shape, 6);
        const forward = (
          x: tf.Tensor,
          w1: tf.Tensor,
          b1: tf.Tensor,
          w2: tf.Tensor,
          b2: tf.Tensor,
        ): tf.Tensor => {
          const pooled = tf.mean(x, [1, 2]) as tf.Tensor2D;
          const hidden = tf.relu(
            tf.add(tf.matMul(pooled, tf.reshape(w1, [channels, reduced])), b1),
          ) as tf.Tensor2D;
          const gate = tf.sigmoid(tf.add(tf.matMul(hidden, tf.reshape(w2, [reduced, channels])), b2));
          return tf.mul(x, tf.reshape(gate, [batch, 1, 1, channels]));
        };
        const tensors = make() as Parameters<typeof forward>;
        return [
          forward(...tensors),
          ...tf.grads(forward as (...args: tf.Tensor[]) => tf.Tensor)(tensors, dy),
        ];
      });
      const actual = await on(backend, () => {
        const [x, w1, b1, w2, b2] = make();
        const [y, pooled, hidden, gate] = run("CslSqueezeExcite", { x, w1, b1, w2, b2 });
        const saved = { x, pooled, hidden, gate, w1, w2 };
        return [
          y!,
          ...run("CslSqueezeExciteGrad", { dy: random([batch, height, width, channels], 6), ...saved }),
        ];
      });
      expectSame(actual, expected);
    });
  });

  // Both pools are linear. Each input pixel alone, one in each image of a batch, gives the whole matrix.
  it.each([
    [4, 4],
    [5, 4],
    [3, 7],
    [2, 2],
  ])("pools of %i x %i and their transposes", async (height, width) => {
    const channels = 6; // one vector and a rest
    const [rows, columns] = [Math.ceil(height / 2), Math.ceil(width / 2)];
    const basis = (h: number, w: number): tf.Tensor4D =>
      tf.tile(tf.reshape(tf.eye(h * w), [h * w, h, w, 1]), [1, 1, 1, channels]) as tf.Tensor4D;
    const reflected: [number, number][] = [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ];
    const binomial = [1, 2, 1, 2, 4, 2, 1, 2, 1].map((n) => n / 16);
    const expected = await on("cpu", () => {
      const x = basis(height, width);
      const filter = tf.tile(tf.tensor4d(binomial, [3, 3, 1, 1]), [1, 1, channels, 1]) as tf.Tensor4D;
      const blurred = tf.depthwiseConv2d(tf.mirrorPad(x, reflected, "reflect"), filter, 2, "valid");
      const pooled = tf.avgPool(x, 2, 2, "same"); // "same" leaves out what is beyond the edge
      const transposed = (y: tf.Tensor4D): tf.Tensor =>
        tf.transpose(tf.reshape(y, [height * width, rows * columns, channels]), [1, 0, 2]);
      return [blurred, transposed(blurred as tf.Tensor4D), pooled, transposed(pooled)];
    });
    const actual = await on(backend, () => {
      const x = basis(height, width);
      const dy = basis(rows, columns);
      const inputShape = [rows * columns, height, width, channels];
      return [
        ...run("CslBlurPool", { x }),
        ...run("CslBlurPoolGrad", { dy }, { inputShape }),
        ...run("CslCeilAvgPool", { x }),
        ...run("CslCeilAvgPoolGrad", { dy }, { inputShape }),
      ];
    });
    expectSame(actual, expected);
  });

  it.each([
    { decoupled: false, averaged: true },
    { decoupled: true, averaged: false },
  ])("CslAdam %j", async ({ decoupled, averaged }) => {
    const sizes = [7, 40_000];
    const step = {
      lr: 0.01,
      beta1: 0.9,
      beta2: 0.99,
      epsilon: 1e-8,
      decoupled,
      correction1: 0.19,
      correction2: 0.0199,
      emaDecay: 0.97,
    };
    const weightDecay = [0.1, 0];
    const make = (): tf.Tensor[][] =>
      [1, 2, 3, 4, 5]
        .map((seed) => sizes.map((size) => tf.abs(random([size], seed))))
        .slice(0, averaged ? 5 : 4);
    const expected = await on("cpu", () => {
      const [value, gradient, moment1, moment2, average] = make();
      const slots = sizes.map((_, i) => {
        const old = value![i]!;
        const g = decoupled ? gradient![i]! : tf.add(gradient![i]!, tf.mul(old, weightDecay[i]!));
        const m = tf.add(tf.mul(moment1![i]!, step.beta1), tf.mul(g, 1 - step.beta1));
        const v = tf.add(tf.mul(moment2![i]!, step.beta2), tf.mul(tf.square(g), 1 - step.beta2));
        const shrunk = decoupled ? tf.mul(old, 1 - step.lr * weightDecay[i]!) : old;
        const root = tf.add(tf.sqrt(tf.div(v, step.correction2)), step.epsilon);
        const x = tf.sub(shrunk, tf.div(tf.mul(m, step.lr / step.correction1), root));
        const moved = average && tf.add(tf.mul(average[i]!, step.emaDecay), tf.mul(x, 1 - step.emaDecay));
        return [x, m, v, ...(moved ? [moved] : [])];
      });
      return slots[0]!.flatMap((_, column) => slots.map((slot) => slot[column]!));
    });
    const attrs = { ...step, count: sizes.length, averaged, weightDecay };
    const actual = await on(backend, () => run("CslAdam", make().flat(), attrs));
    expectSame(actual, expected);
  });

  it("leave nothing behind", async () => {
    await tf.setBackend(backend);
    const before = tf.backend().numDataIds();
    await expectNoLeak(() => {
      const x = random([2, 4, 4, 8], 1);
      tf.dispose([x, ...run("CslBlurPool", { x }), ...run("CslAddRelu", { a: x, b: x })]);
    });
    if (tf.backend().numDataIds() !== before) throw new Error("expected no data ids to stay");
  });
}
