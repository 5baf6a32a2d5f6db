import * as tf from "@tensorflow/tfjs";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { freeGradientsEarly } from "./free-gradients-early.js";

// On the cpu backend: it is TensorFlow.js's tape that changes, not a kernel.

const input = (): tf.Tensor1D => tf.tensor1d([0.3, -1.2, 2.5]);

/** An identity with a gradient of your own. */
const custom = (gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor): ((x: tf.Tensor) => tf.Tensor) =>
  tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([tf.mul(x as tf.Tensor, 2)]);
    return { value: tf.mul(x as tf.Tensor, 1), gradFunc };
  }) as (x: tf.Tensor) => tf.Tensor;

const functions: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  "a chain": (x) => tf.sum(tf.exp(tf.sin(tf.mul(x, 3)))),
  "a tensor used three times": (x) => tf.sum(tf.add(tf.mul(x, tf.sin(x)), tf.square(x))),
  "gradients handed through": (x) => tf.sum(tf.add(tf.reshape(tf.cast(tf.clone(x), "float32"), [1, 3]), x)),
  "the same on both sides": (x) => tf.sum(tf.mul(tf.add(x, x), tf.add(x, x))),
  "a gradient of your own that returns dy twice": (x) =>
    tf.sum(
      tf.customGrad((a, b) => ({
        value: tf.add(a as tf.Tensor, b as tf.Tensor),
        gradFunc: (dy: tf.Tensor) => [dy, dy],
      }))(tf.square(x), tf.sin(x)),
    ),
  "dy handed through at the start of the way": (x) => custom((dy) => dy)(tf.square(tf.sin(x))),
  "dy handed through all the way": (x) => custom((dy) => dy)(custom((dy) => dy)(x)),
  "a saved tensor as the gradient": (x) => tf.sum(tf.square(custom((_, [saved]) => saved!)(tf.exp(x)))),
  "a function that remembers what it gave": (x) => {
    let given: tf.Tensor | undefined;
    const once = custom((dy) => {
      given ??= tf.mul(dy, 3);
      return given;
    });
    return tf.sum(once(tf.sin(once(tf.exp(x)))));
  },
  "a function that remembers what it was given": (x) => {
    const seen: tf.Tensor[] = [];
    const remember = custom((dy, [saved]) => {
      seen.push(dy, saved!);
      return tf.addN(seen);
    });
    return tf.sum(remember(tf.sin(remember(tf.exp(remember(x))))));
  },
  "an identity that gives its own input": (x) =>
    tf.sum(
      tf.customGrad((y) => ({ value: y as tf.Tensor, gradFunc: (dy: tf.Tensor) => tf.mul(dy, 2) }))(
        tf.sin(x),
      ),
    ),
  "several outputs, of which one is used": (x) => tf.sum(tf.square(tf.split(tf.sin(x), 3)[1]!)),
  "all outputs, in another order": (x) =>
    tf.sum(tf.mul(tf.concat(tf.split(tf.sin(x), 3).reverse()), tf.stack(tf.unstack(tf.exp(x))))),
  "tensors kept and clean-ups within": (x) =>
    tf.tidy(() => {
      const y = tf.keep(tf.sin(x));
      const z = tf.tidy(() =>
        tf.mul(
          y,
          tf.tidy(() => tf.square(y)),
        ),
      );
      y.dispose();
      return tf.sum(z);
    }),
  "the gradient of a gradient": (x) => tf.sum(tf.grad((y: tf.Tensor) => tf.sum(tf.square(tf.sin(y))))(x)),
  "a gradient of a gradient of a gradient": (x) =>
    tf.sum(tf.grad((y: tf.Tensor) => tf.sum(tf.grad((z: tf.Tensor) => tf.sum(tf.pow(z, 4)))(y)))(x)),
  "a gradient within": (x) =>
    tf.sum(tf.mul(x, tf.grad((y: tf.Tensor) => tf.sum(tf.pow(y, tf.scalar(3))))(x))),
};

const gradientsOf = (f: (x: tf.Tensor) => tf.Tensor): number[] =>
  tf.tidy(() => [
    ...tf
      .grad((x: tf.Tensor) => f(x))(input())
      .dataSync(),
  ]);
const before: Record<string, number[]> = {};

let active = true;

beforeAll(async () => {
  await tf.setBackend("cpu");
  for (const [name, f] of Object.entries(functions)) before[name] = gradientsOf(f);
  freeGradientsEarly(() => active);
  freeGradientsEarly();
  const identity = tf.getKernel("Identity", "cpu").kernelFunc;
  tf.registerKernel({ kernelName: "Watched", backendName: "cpu", kernelFunc: identity });
  tf.registerGradient({
    kernelName: "Watched",
    gradFunc: (dy) => ({
      x: () => {
        most = Math.max(most, tf.memory().numTensors);
        return tf.mul(dy as tf.Tensor, 1);
      },
    }),
  });
});

beforeEach(() => {
  active = true;
});

test.each(Object.keys(functions))("%s: the same numbers, nothing left", (name) => {
  const tensors = tf.memory().numTensors;
  expect(gradientsOf(functions[name]!)).toEqual(before[name]);
  expect(tf.memory().numTensors).toBe(tensors);
});

test("dy stays the caller's, and gradients of tensors within are kept", () => {
  tf.tidy(() => {
    const dy = tf.tensor1d([1, 2, 3]);
    expect([
      ...tf
        .grad((x: tf.Tensor) => tf.square(x))(input(), dy)
        .dataSync(),
    ]).toEqual([0.6, -4.8, 15].map(Math.fround));
    expect(dy.isDisposed).toBe(false);
  });
});

test("every gradient that is asked for lives, also one on the way to another", () => {
  tf.tidy(() => {
    const [a, b] = [tf.scalar(3), tf.variable(tf.scalar(2))];
    const { value, grads } = tf.valueAndGrads((x: tf.Tensor, y: tf.Tensor) => tf.mul(tf.square(x), y))([
      a,
      b,
    ]);
    expect([value, ...grads].map((tensor) => tensor.dataSync()[0])).toEqual([18, 12, 9]);
    const ofVariable = tf.variableGrads(() => tf.square(tf.square(b)) as tf.Scalar, [b]);
    expect(ofVariable.grads[b.name]!.dataSync()[0]).toBe(32);
    b.dispose();
  });
});

test("after an error in the backward pass everything works as before", () => {
  const broken = custom(() => {
    throw new Error("broken");
  });
  const f = (x: tf.Tensor): tf.Tensor => tf.sum(tf.square(broken(tf.exp(x))));
  expect(() => gradientsOf(f)).toThrow("broken");
  const name = "a tensor used three times";
  const tensors = tf.memory().numTensors;
  expect(gradientsOf(functions[name]!)).toEqual(before[name]);
  expect(tf.memory().numTensors).toBe(tensors);
});

let most = 0;
function mostTensorsOfAChain(): number {
  most = 0;
  const start = tf.memory().numTensors;
  tf.tidy(() => {
    tf.grad((x: tf.Tensor) => {
      let y = x;
      for (let i = 0; i < 40; i++) y = tf.engine().runKernel("Watched", { x: y }) as tf.Tensor;
      return y;
    })(input());
  });
  return most - start;
}

test("a long chain holds a few gradients at a time, not all; where it is not active, all", () => {
  expect(mostTensorsOfAChain()).toBeLessThan(10);
  active = false;
  expect(mostTensorsOfAChain()).toBeGreaterThan(40);
});
