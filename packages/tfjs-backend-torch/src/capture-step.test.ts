import { partialLoss, selective } from "@csl/partial-loss";
import { createTResNet } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { batchOf, shapeOf } from "../test/agreement-data.js";
import { graphsFor, type Recorder } from "../test/recorder.js";
import { compileTime, onDevice, onTorch, useTorch, withoutTorch } from "../test/use-torch.js";
import type { Binding } from "./binding.js";
import { captureStep, captureWith } from "./capture-step.js";
import { TorchBackend } from "./torch-backend.js";

const setting = { layers: [1, 1, 1, 1], width: 0.125, classes: 6, batch: 4, size: 64 };

describe.skipIf(withoutTorch)(`captureStep on ${onTorch}`, () => {
  let graphs: Recorder;
  let device: string;

  beforeAll(async () => {
    const backend = await useTorch();
    device = backend.device;
    graphs = graphsFor(backend);
  }, compileTime);
  beforeEach(async () => {
    tf.removeBackend("torch");
    tf.registerBackend("torch", () => new TorchBackend(graphs, { device }));
    await tf.setBackend("torch");
  });

  /** Loss and gradient of a matrix, and a running mean that the step assigns. */
  function network() {
    // No convolution: on the CPU its rearranged weights are kept for as long as the tensor lives.
    const weights = tf.tidy(() => tf.variable(tf.randomNormal<tf.Rank.R2>([10, 4], 0, 1, "float32", 7)));
    const running = tf.tidy(() => tf.variable(tf.zeros([4])));
    const step = ([images]: tf.Tensor[]): tf.Tensor[] => {
      const { value, grads } = tf.variableGrads(() => {
        const y = tf.relu(tf.matMul(tf.reshape(images!, [-1, 10]), weights));
        running.assign(tf.add(tf.mul(running, 0.9), tf.mul(tf.mean(y, 0), 0.1)));
        return tf.mean(tf.square(y)) as tf.Scalar;
      }, [weights]);
      return [value, grads[weights.name]!];
    };
    return { weights, running, step };
  }
  const images = (seed: number): tf.Tensor => tf.randomNormal([2, 5, 5, 2], 0, 1, "float32", seed);

  /** Three steps of gradient descent: every loss, and what the variables are in the end. */
  function train(captured: boolean): number[][] {
    const { weights, running, step } = network();
    const options = { variables: [weights, running] };
    const example = images(1);
    const run = captured
      ? captureWith(graphs, step, [example], options)
      : captureWith(undefined, step, [example], options);
    example.dispose();
    expect(run.recorded).toBe(captured);
    const seen: number[][] = [];
    for (let i = 0; i < 3; i++) {
      tf.tidy(() => {
        const [loss, gradient] = run.run([images(i + 2)]) as [tf.Tensor, tf.Tensor];
        seen.push([...loss.dataSync()]);
        weights.assign(tf.sub(weights, tf.mul(gradient, 0.1)) as tf.Tensor2D);
      });
    }
    seen.push([...weights.dataSync()], [...running.dataSync()]);
    run.dispose();
    tf.dispose([weights, running]);
    return seen;
  }

  test("it records where the device can, and runs the step elsewhere", () => {
    const { weights, running, step } = network();
    const run = captureStep(step, [images(1)], { variables: [weights, running] });
    expect(run.recorded).toBe(onDevice);
    run.dispose();
    tf.dispose([weights, running]);
  });

  test("a replay gives what the step gives: new inputs, updated weights, assigned statistics", () => {
    expect(train(true)).toEqual(train(false));
  });

  test("what was made of a variable between two runs keeps its numbers, and the variable goes on", () => {
    const counter = tf.tidy(() => tf.variable(tf.tensor1d([1, 2, 3])));
    const step = ([x]: tf.Tensor[]): tf.Tensor[] => {
      counter.assign(tf.add(counter, x!) as tf.Tensor1D);
      return [tf.sum(counter)];
    };
    const run = captureWith(graphs, step, [tf.zeros([3])], { variables: [counter] });
    const [clone, slice, other] = tf.tidy(() => {
      run.run([tf.ones([3])]);
      return [tf.clone(counter), tf.slice(counter, 1, 2), tf.variable(counter)];
    }) as [tf.Tensor, tf.Tensor, tf.Variable];
    const sums = [1, 1].map((x) => run.run([tf.fill([3], x)])[0]!.dataSync()[0]);
    expect(sums).toEqual([12, 15]);
    expect([clone, slice, other, counter].map((x) => [...x.dataSync()])).toEqual([
      ...[
        [2, 3, 4],
        [3, 4],
        [2, 3, 4],
      ],
      [4, 5, 6],
    ]);
    run.dispose();
    expect([...counter.dataSync()]).toEqual([4, 5, 6]);
    tf.dispose([clone, slice, other, counter]);
  });

  test("variables may trade their tensors, in the step and between two runs", () => {
    const [a, b] = tf.tidy(() => [tf.variable(tf.tensor1d([1, 2])), tf.variable(tf.tensor1d([10, 20]))]) as [
      tf.Variable,
      tf.Variable,
    ];
    const trade = (): void => {
      const held = tf.clone(a);
      a.assign(b);
      b.assign(held);
      held.dispose();
    };
    const step = ([x]: tf.Tensor[]): tf.Tensor[] => {
      a.assign(tf.add(a, x!));
      trade();
      return [];
    };
    const run = captureWith(graphs, step, [tf.zeros([2])], { variables: [a, b] });
    const one = tf.ones([2]);
    run.run([one]);
    expect([a, b].map((x) => [...x.dataSync()])).toEqual([
      [10, 20],
      [2, 3],
    ]);
    trade();
    run.run([one]);
    expect([a, b].map((x) => [...x.dataSync()])).toEqual([
      [10, 20],
      [3, 4],
    ]);
    run.dispose();
    tf.dispose([a, b, one]);
  });

  test("nothing is left", () => {
    const count = (): unknown => [graphs.liveHandles(), tf.memory().numTensors, tf.backend().numDataIds()];
    train(true);
    const before = count();
    train(true);
    expect(count()).toEqual(before);
  });

  test("inputs of another shape are refused, and a step that fails leaves the variables alone", () => {
    const { weights, running, step } = network();
    const run = captureWith(graphs, step, [images(1)], { variables: [weights, running] });
    expect(() => run.run([tf.zeros([1, 5, 5, 2])])).toThrow(
      "expected the inputs it was made with, float32 [2,5,5,2]; got float32 [1,5,5,2]",
    );
    run.dispose();
    expect(() => run.run([images(1)])).toThrow("disposed");
    let runs = 0;
    const failing = (given: tf.Tensor[]): tf.Tensor[] => {
      step(given);
      if (++runs === 4) throw new Error("operation not permitted");
      return [];
    };
    const value = [...running.dataSync()];
    expect(() => captureWith(graphs, failing, [images(1)], { variables: [weights, running] })).toThrow(
      "cannot be recorded: operation not permitted",
    );
    expect([...running.dataSync()]).toEqual(value);
    tf.dispose([weights, running]);
  });

  test("what the step brings from host memory is sent once, and must not change", () => {
    let shift = 1;
    const step = ([x]: tf.Tensor[]): tf.Tensor[] => [tf.add(x!, tf.tensor1d([shift, 2, 3]))];
    const run = captureWith(graphs, step, [tf.zeros([3])]);
    for (const x of [10, 20]) {
      const [sum] = run.run([tf.fill([3], x)]);
      expect([...sum!.dataSync()]).toEqual([x + 1, x + 2, x + 3]);
    }
    run.dispose();
    const changing = (inputs: tf.Tensor[]): tf.Tensor[] => {
      shift++;
      return step(inputs);
    };
    expect(() => captureWith(graphs, changing, [tf.zeros([3])])).toThrow("brings other numbers");
  });

  test("a training step of TResNet can be recorded: it brings only constants from the host, and reads nothing", async () => {
    const seen: string[] = [];
    const watching: Binding = {
      ...graphs,
      upload(values, ...rest) {
        const list = Array.from(values as Float32Array);
        if (list.some((value) => value !== list[0])) seen.push(`upload of ${list.length} values`);
        return graphs.upload(values, ...rest);
      },
      download(_, into) {
        seen.push(`download of ${into.byteLength} bytes`);
      },
    };
    tf.removeBackend("torch");
    tf.registerBackend("torch", () => new TorchBackend(watching, { device }));
    await tf.setBackend("torch");
    if (!onDevice) tf.unregisterKernel("CslPartialLoss", "torch"); // as on CUDA
    const model = createTResNet({ variant: shapeOf(setting), numClasses: setting.classes, seed: 1 });
    const { images, labels } = batchOf(0, setting);
    // A model looks at its first images once; captureStep runs a step before it records one.
    tf.dispose(model.forward(images));
    seen.length = 0;
    const options = { unannotated: selective({ topK: 2 }), validate: false };
    const { value, grads } = tf.variableGrads(
      () => partialLoss(model.forward(images, { training: true }), labels, options),
      [...model.parameters().values()],
    );
    expect(seen).toEqual([]);
    value.dataSync();
    expect(seen).toEqual(["download of 4 bytes"]);
    model.dispose();
    tf.dispose([images, labels, value, grads]);
  });
});
