import { CslAbnGrad, type CslAbnGradAttrs, type CslAbnGradInputs } from "@csl/internal/kernels/named-kernels";
import { float, int } from "../run-shader.js";
import { channelMain, channelRows, channelType, overLanes, rowWords } from "../shaders/channel-rows.js";
import type { WebKernel } from "../web-kernel.js";

/**
 * [dx, dweight, dbias] from the activated output, in two passes: sums of dz and dz · x̂ over each slab of rows, then each
 * workgroup combines the slabs of its channels and writes its rows. The first pass also leaves what the second needs of
 * weight, bias and variance, which keeps the second within eight buffers.
 */
export const abnGrad: WebKernel<CslAbnGradInputs, CslAbnGradAttrs> = {
  kernelName: CslAbnGrad,
  compute({ inputs: { dy, y, weight, bias, variance }, attrs: { epsilon, slope, frozen }, gpu }) {
    const walk = channelRows(y);
    const { vectors, columns, slabs } = walk;
    const dx = gpu.make(y.shape);
    const dweight = gpu.gradients.make(weight.shape);
    const dbias = gpu.gradients.make(bias.shape);
    const parts = gpu.scratch((2 * slabs + 3) * weight.shape[0]!);
    gpu.run({
      name: "CslAbnGrad sums",
      buffers: {
        parts: gpu.write(parts, vectors),
        dy: gpu.read(dy, vectors),
        y: gpu.read(y, vectors),
        weight: gpu.read(weight, vectors),
        bias: gpu.read(bias, vectors),
        variance: gpu.read(variance, vectors),
      },
      words: { ...rowWords(walk), slabs: int(slabs), epsilon: float(epsilon), slope: float(slope) },
      workgroups: [columns, slabs, 1],
      code: () => channelType(walk) + adding + inverse + sums,
    });
    gpu.run({
      name: "CslAbnGrad apply",
      buffers: {
        dx: gpu.write(dx, vectors),
        dweight: gpu.write(dweight, vectors),
        dbias: gpu.write(dbias, vectors),
        dy: gpu.read(dy, vectors),
        y: gpu.read(y, vectors),
        parts: gpu.read(parts, vectors),
      },
      words: {
        ...rowWords(walk),
        slabs: int(slabs),
        slope: float(slope),
        throughStatistics: float(frozen ? 0 : 1),
      },
      workgroups: [columns, slabs, 1],
      code: () => channelType(walk) + adding + inverse + apply,
    });
    gpu.free(parts);
    return [dx, dweight, dbias];
  },
};

const adding = `
var<workgroup> ofDz: array<T, 256>;
var<workgroup> ofBoth: array<T, 256>;
fn merge(i: i32, other: i32) {
  ofDz[i] += ofDz[other];
  ofBoth[i] += ofBoth[other];
}
`;

/** The gradient before the activation, and the activation's input less the bias: bn - b = γ · x̂. */
const inverse = `
fn dzOf(dy: T, y: T) -> T { return select(words.slope * dy, dy, y > T(0.0)); }
fn deviation(y: T, bias: T) -> T { return select(y / words.slope, y, y > T(0.0)) - bias; }
`;

/** γ may be 1e-5, so x̂ is found from the deviation first. A negative weight shows in the sign of γ. */
const sums = channelMain(`
  ofDz[i] = T(0.0);
  ofBoth[i] = T(0.0);
  if (inside) {
    let weight = load_weight(column);
    let gamma = abs(weight) + words.epsilon;
    let bias = load_bias(column);
    for (var row = first + lane; row < end; row += 16) {
      let at = row * words.width + column;
      let y = load_y(at);
      let dz = dzOf(load_dy(at), y);
      ofDz[i] += dz;
      ofBoth[i] += dz * (deviation(y, bias) / gamma);
    }
    if (slab == 0 && lane == 0) {
      let after = 2 * words.slabs * words.width + column;
      store_parts(after, select(gamma, -gamma, weight < T(0.0)));
      store_parts(after + words.width, bias);
      store_parts(after + 2 * words.width, 1.0 / sqrt(load_variance(column) + words.epsilon));
    }
  }
${overLanes("merge")}
  if (inside && lane == 0) {
    store_parts(2 * slab * words.width + column, ofDz[i]);
    store_parts((2 * slab + 1) * words.width + column, ofBoth[i]);
  }`);

const apply = channelMain(`
  ofDz[i] = T(0.0);
  ofBoth[i] = T(0.0);
  if (inside) {
    for (var part = lane; part < words.slabs; part += 16) {
      ofDz[i] += load_parts(2 * part * words.width + column);
      ofBoth[i] += load_parts((2 * part + 1) * words.width + column);
    }
  }
${overLanes("merge")}
  if (inside) {
    let after = 2 * words.slabs * words.width + column;
    let signedGamma = load_parts(after);
    let gamma = abs(signedGamma);
    let bias = load_parts(after + words.width);
    let factor = gamma * load_parts(after + 2 * words.width);
    let dbias = ofDz[local.x];
    let dgamma = ofBoth[local.x];
    if (slab == 0 && lane == 0) {
      store_dbias(column, dbias);
      store_dweight(column, select(dgamma, -dgamma, signedGamma < T(0.0)));
    }
    let share = words.throughStatistics / f32(words.rows);
    for (var row = first + lane; row < end; row += 16) {
      let at = row * words.width + column;
      let y = load_y(at);
      let normal = deviation(y, bias) / gamma;
      store_dx(at, factor * (dzOf(load_dy(at), y) - share * (dbias + normal * dgamma)));
    }
  }`);
