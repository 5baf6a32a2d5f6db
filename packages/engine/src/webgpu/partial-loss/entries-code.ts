import { groupIndex } from "../run-shader.js";
import { orderedKey } from "./selection-code.js";

/**
 * WGSL: loss and gradient of one entry for each thread; the sum of a workgroup's losses. The formulas are those of
 * @csl/partial-loss (partial-loss-values.ts): with z = -x for a positive and x for the others, s = σ(z) is the share of the mistake.
 *
 * @param weight WGSL: the policy's weight
 * @param annotatedMean whether to divide by the number of annotated entries, which `known` has by row
 */
export const entriesCode = (weight: string, annotatedMean: boolean): string => `
${groupIndex}
${orderedKey}
${weight.startsWith("weightOf") ? selectiveWeight : ""}
var<workgroup> sums: array<f32, 256>;
fn total(thread: u32, value: f32) -> f32 {
  sums[thread] = value;
  workgroupBarrier();
  for (var other = 128u; other > 0u; other >>= 1u) {
    if (thread < other) { sums[thread] += sums[thread + other]; }
    workgroupBarrier();
  }
  let all = sums[0];
  workgroupBarrier();
  return all;
}
// log(1 + t) for |t| < 1; where t is small, 1 + t would lose its digits.
fn logOnePlus(t: f32) -> f32 {
  return select(log(1.0 + t), t * (1.0 - t * (0.5 - t * (0.33333333 - t * (0.25 - t * 0.2)))), abs(t) < 0.02);
}
// base^exponent with 0^0 = 1; small whole exponents are products, exact at 0.
fn power(base: f32, exponent: f32) -> f32 {
  if (exponent > 8.0 || exponent != floor(exponent)) { return pow(base, exponent); }
  var product = 1.0;
  for (var n = 0.0; n < exponent; n += 1.0) { product *= base; }
  return product;
}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  var scale = words.scale;
  ${annotatedMean ? divisor : ""}
  let index = groupIndex(group);
  let i = index * 256 + i32(thread);
  var loss = 0.0;
  if (i < words.size) {
    let row = i / words.classes;
    let column = i - row * words.classes;
    let x = load_logits(i);
    let label = load_labels(i);
    let isPositive = label == 1.0;
    let isNegative = label == 0.0;
    let weight = ${weight};
    let gamma = select(select(words.gammaUnannotated, words.gammaNegative, isNegative), words.gammaPositive, isPositive);
    let alpha = select(select(words.alphaUnannotated, words.alphaNegative, isNegative), words.alphaPositive, isPositive);
    let z = select(x, -x, isPositive);
    let t = exp(-abs(z));
    var s = select(t, 1.0, z >= 0.0) / (1.0 + t);
    let rest = select(1.0, t, z >= 0.0) / (1.0 + t);
    loss = max(z, 0.0) + logOnePlus(t);
    var slope = s;
    var logSlope = rest;
    if (words.clip > 0.0 && !isPositive) {
      let whole = s;
      s = max(s - words.clip, 0.0);
      loss = -logOnePlus(-s);
      slope = select(0.0, whole * rest / (1.0 - s), s > 0.0);
      logSlope = select(0.0, whole * rest / s, s > 0.0);
    }
    let focus = weight * alpha * power(s, gamma);
    slope += words.focusGradient * gamma * logSlope * loss;
    loss *= focus;
    store_gradient(i, select(scale, -scale, isPositive) * focus * slope);
  }
  let sum = total(thread, loss);
  if (thread == 0u && index * 256 < words.size) { store_parts(index, scale * sum); }
}`;

const divisor = `{
    var count = 0.0;
    for (var row = i32(thread); row < words.rows; row += 256) { count += load_known(row); }
    scale = 1.0 / max(total(thread, count), 1.0);
  }`;

/** An un-annotated entry counts for nothing if its class or the selection says so. */
const selectiveWeight = `
fn weightOf(i: i32, label: f32, x: f32, byPrior: bool) -> f32 {
  if (label != -1.0) { return 1.0; }
  if (byPrior) { return 0.0; }
  let start = i / words.pool;
  let key = keyOf(x);
  let threshold = bitcast<u32>(picked[2 * start]);
  let last = picked[2 * start + 1];
  return select(1.0, 0.0, key > threshold || (key == threshold && i - start * words.pool <= last));
}`;
