import { startEngine } from "@csl/engine";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { seededDropout } from "./dropout.js";

const draw = (step: number, shape: number[], seed = 7): Float32Array =>
  tf.tidy(() => {
    const kept = seededDropout({ seed, step, rate: 0.1 })(tf.ones(shape));
    return kept.dataSync<"float32">().slice();
  });

test("a tenth becomes 0 and the rest is scaled: in all, in each row, in each column, and for pairs of entries", async () => {
  await startEngine({ prefer: "cpu" });
  const [rows, columns] = [400, 500];
  const values = draw(1, [rows, columns]);
  expect([...new Set(values)].sort()).toEqual([0, Math.fround(1 / 0.9)]);
  const isZero = (i: number, j: number): number => (values[i * columns + j] === 0 ? 1 : 0);
  const count = (n: number, hit: (k: number) => number): number =>
    Array.from({ length: n }, (_, k) => hit(k)).reduce((a, b) => a + b, 0);
  // Binomial: sd = √(n · p · (1 - p)); five of them is wide for a fixed seed.
  const expectShare = (hits: number, n: number, p: number): void =>
    expect(Math.abs(hits - n * p)).toBeLessThan(5 * Math.sqrt(n * p * (1 - p)) + n * 2 ** -11);
  expectShare(
    count(rows * columns, (k) => isZero(Math.floor(k / columns), k % columns)),
    rows * columns,
    0.1,
  );
  for (let i = 0; i < rows; i++)
    expectShare(
      count(columns, (j) => isZero(i, j)),
      columns,
      0.1,
    );
  for (let j = 0; j < columns; j++)
    expectShare(
      count(rows, (i) => isZero(i, j)),
      rows,
      0.1,
    );
  const both = (di: number, dj: number): number =>
    count((rows - di) * (columns - dj), (k) => {
      const [i, j] = [Math.floor(k / (columns - dj)), k % (columns - dj)];
      return isZero(i, j) * isZero(i + di, j + dj);
    });
  for (const [di, dj] of [
    [0, 1],
    [1, 0],
    [1, 1],
    [7, 3],
  ] as const)
    expectShare(both(di, dj), (rows - di) * (columns - dj), 0.01);
});

test("a step's numbers are the same on every engine; another step, seed or call has others", async () => {
  await startEngine({ prefer: "cpu" });
  const shape = [3, 8, 5, 6];
  const onCpu = draw(4, shape);
  await startEngine({ prefer: "wasm" });
  expect(draw(4, shape)).toEqual(onCpu);
  expect(draw(5, shape)).not.toEqual(onCpu);
  expect(draw(4, shape, 8)).not.toEqual(onCpu);
  tf.tidy(() => {
    const drop = seededDropout({ seed: 7, step: 4, rate: 0.1 });
    expect(drop(tf.ones(shape)).dataSync()).toEqual(onCpu);
    expect(drop(tf.ones(shape)).dataSync()).not.toEqual(onCpu);
  });
});
