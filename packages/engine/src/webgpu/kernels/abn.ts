import { CslAbn, type CslAbnAttrs, type CslAbnInputs } from "@csl/internal/kernels/named-kernels";
import { float, int } from "../run-shader.js";
import { channelMain, channelRows, channelType, overLanes, rowWords } from "../shaders/channel-rows.js";
import type { WebKernel } from "../web-kernel.js";

/**
 * [y, batch mean, biased batch variance] in two passes. The first finds mean and squared deviations of each slab of rows;
 * each workgroup of the second combines all slabs of its channels, then normalises its rows.
 */
export const abn: WebKernel<CslAbnInputs, CslAbnAttrs> = {
  kernelName: CslAbn,
  compute({ inputs: { x, weight, bias }, attrs: { epsilon, slope }, gpu }) {
    const walk = channelRows(x);
    const { vectors, columns, slabs } = walk;
    const y = gpu.makeActivation(x.shape);
    const mean = gpu.statistics.make(weight.shape);
    const variance = gpu.statistics.make(weight.shape);
    const parts = gpu.scratch(2 * slabs * weight.shape[0]!);
    gpu.run({
      name: "CslAbn moments",
      buffers: { parts: gpu.write(parts, vectors), x: gpu.read(x, vectors) },
      words: rowWords(walk),
      workgroups: [columns, slabs, 1],
      code: () => channelType(walk) + merging + moments,
    });
    gpu.run({
      name: "CslAbn normalise",
      buffers: {
        y: gpu.write(y, vectors),
        mean: gpu.write(mean, vectors),
        variance: gpu.write(variance, vectors),
        x: gpu.read(x, vectors),
        parts: gpu.read(parts, vectors),
        weight: gpu.read(weight, vectors),
        bias: gpu.read(bias, vectors),
      },
      words: { ...rowWords(walk), slabs: int(slabs), epsilon: float(epsilon), slope: float(slope) },
      workgroups: [columns, slabs, 1],
      code: () => channelType(walk) + merging + normalise,
    });
    gpu.free(parts);
    return [y, mean, variance];
  },
};

/** Mean and squared deviations of two sets together (Chan, Golub and LeVeque 1979): nothing large cancels. */
const merging = `
var<workgroup> counts: array<f32, 256>;
var<workgroup> means: array<T, 256>;
var<workgroup> squares: array<T, 256>;
fn add(i: i32, count: f32, mean: T, square: T) {
  let total = counts[i] + count;
  if (count > 0.0) {
    let apart = mean - means[i];
    squares[i] += square + apart * apart * (counts[i] * count / total);
    means[i] += apart * (count / total);
    counts[i] = total;
  }
}
fn merge(i: i32, other: i32) { add(i, counts[other], means[other], squares[other]); }
`;

/** Each thread sums around the first value that it sees: a common offset of all values costs no digits. */
const moments = channelMain(`
  var sum = T(0.0);
  var square = T(0.0);
  var shift = T(0.0);
  var count = 0.0;
  if (inside) {
    shift = load_x(min(first + lane, words.rows - 1) * words.width + column);
    for (var row = first + lane; row < end; row += 16) {
      let d = load_x(row * words.width + column) - shift;
      sum += d;
      square += d * d;
      count += 1.0;
    }
  }
  let n = max(count, 1.0);
  counts[i] = count;
  means[i] = shift + sum / n;
  squares[i] = square - sum * sum / n;
${overLanes("merge")}
  if (inside && lane == 0) {
    store_parts(2 * slab * words.width + column, means[i]);
    store_parts((2 * slab + 1) * words.width + column, squares[i]);
  }`);

const normalise = channelMain(`
  counts[i] = 0.0;
  means[i] = T(0.0);
  squares[i] = T(0.0);
  if (inside) {
    for (var part = lane; part < words.slabs; part += 16) {
      let begin = part * words.rowsPerSlab;
      let count = f32(min(words.rowsPerSlab, words.rows - begin));
      add(i, count, load_parts(2 * part * words.width + column), load_parts((2 * part + 1) * words.width + column));
    }
  }
${overLanes("merge")}
  if (inside) {
    let mean = means[local.x];
    let variance = squares[local.x] / f32(words.rows);
    if (slab == 0 && lane == 0) {
      store_mean(column, mean);
      store_variance(column, variance);
    }
    let scale = (abs(load_weight(column)) + words.epsilon) / sqrt(variance + words.epsilon);
    let shift = load_bias(column);
    for (var row = first + lane; row < end; row += 16) {
      let at = row * words.width + column;
      let v = (load_x(at) - mean) * scale + shift;
      store_y(at, select(words.slope * v, v, v > T(0.0)));
    }
  }`);
