import { groupIndex } from "../run-shader.js";

/** WGSL: logits as whole numbers of the same order. -0 and 0 are one number. */
export const orderedKey = `
fn keyOf(x: f32) -> u32 {
  let bits = bitcast<u32>(select(x, 0.0, x == 0.0));
  return select(bits | 0x80000000u, ~bits, (bits & 0x80000000u) != 0u);
}`;

/**
 * WGSL: a workgroup finds the `picks` largest candidates of its pool, ties going to the smaller index: those with a key above
 * picked[0], and those equal to it up to the index picked[1]. Four digits of the key from the highest, then four of the index
 * from the highest, each by a histogram of the candidates that agree so far (radix select).
 *
 * @param excluded WGSL: whether the entry at `column` is no candidate although it is un-annotated
 */
export const selectionCode = (excluded: string): string => `
${groupIndex}
${orderedKey}
var<workgroup> histogram: array<atomic<u32>, 256>;
var<workgroup> prefix: u32;
var<workgroup> wanted: u32;
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let index = groupIndex(group);
  let start = index * words.pool;
  if (thread == 0u) { prefix = 0u; wanted = u32(words.picks); }
  var threshold = 0u;
  for (var pass_ = 0u; pass_ < 8u; pass_++) {
    let ofKey = pass_ < 4u;
    let shift = 24u - 8u * (pass_ & 3u);
    // Nothing is above the highest digit: a shift by 32 is not defined.
    let above = select(0xffffffffu << (min(shift + 8u, 31u)), 0u, shift == 24u);
    atomicStore(&histogram[thread], 0u);
    workgroupBarrier();
    for (var n = i32(thread); n < words.pool; n += 256) {
      let i = start + n;
      let column = i % words.classes;
      if (load_labels(i) != -1.0 || ${excluded}) { continue; }
      let key = keyOf(load_logits(i));
      if (!ofKey && key != threshold) { continue; }
      // Smaller indices come first: their complement is larger.
      let digits = select(~u32(n), key, ofKey);
      if ((digits & above) != prefix) { continue; }
      atomicAdd(&histogram[(digits >> shift) & 255u], 1u);
    }
    workgroupBarrier();
    if (thread == 0u) {
      var left = wanted;
      var digit = 255;
      for (; digit > 0; digit--) {
        let count = atomicLoad(&histogram[digit]);
        if (count >= left) { break; }
        left -= count;
      }
      prefix |= u32(digit) << shift;
      wanted = left;
      if (pass_ == 3u || pass_ == 7u) {
        store_picked(2 * index + i32(pass_ >> 2u), bitcast<i32>(select(~prefix, prefix, ofKey)));
      }
    }
    workgroupBarrier();
    if (pass_ == 3u) {
      threshold = prefix;
      workgroupBarrier();
      if (thread == 0u) { prefix = 0u; }
    }
  }
}`;
