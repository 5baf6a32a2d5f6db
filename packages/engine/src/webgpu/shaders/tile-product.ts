import { type Dispatch, gridOf, groupIndex } from "../run-shader.js";

/** Rows and columns of the product that one workgroup computes. */
const tile = 64;

/** Steps of k that a workgroup loads at a time; splits of k are multiples of it. */
export const depth = 16;

/**
 * One factor of a product, as WGSL that loads a 4 x 4 block. `outer` is the block's first row (of A) or column (of B), `k` its
 * first step. The names that `before` and `step` declare must not be those of the other factor.
 */
export interface Factor {
  /** Statements before the loop over k. `outer` and `k` are known. */
  before: string;
  /** Statements that set r0 to r3 (vec4f, zero before). */
  step: string;
  /** Statements that move what `before` has declared on by {@link depth} steps. */
  after?: string;
  /** Where the four numbers of a vector follow each other: at four steps of k in one row or column, or at one step in four. */
  along: "k" | "outer";
}

export interface TileProduct extends Pick<Dispatch, "name" | "variant" | "buffers" | "words"> {
  rows: number;
  columns: number;
  /** Steps of k, and how many shares of them are summed apart: shares go by the z of the grid. */
  steps: number;
  splits?: number;
  functions: string;
  a: Factor;
  b: Factor;
  /** Statements that store the vector `v` of four columns from `n` at row `m`; `split` is known. Out-of-range rows and columns never come. */
  store: string;
}

/** Steps of k in one split. */
const stepsPerSplit = (steps: number, splits: number): number => Math.ceil(steps / splits / depth) * depth;

/** Tiles of a product. */
export const tilesOf = (rows: number, columns: number): number =>
  Math.ceil(rows / tile) * Math.ceil(columns / tile);

/**
 * A matrix product whose factors are computed as they are loaded (implicit GEMM). 128 threads share a tile of 64 x 64, each
 * computes 8 rows x 4 columns. For every 16 steps of k, half of the threads load A to workgroup memory, half B (8 KiB in all);
 * a thread then does 32 multiply-adds for three vectors that it reads there.
 */
export function tileProduct({ rows, columns, steps, splits = 1, ...rest }: TileProduct): Dispatch {
  const { name, variant, buffers, words, functions, a, b, store } = rest;
  const number = (value: number) => ({ type: "i32", value }) as const;
  return {
    name,
    ...(variant && { variant }),
    buffers,
    words: {
      m: number(rows),
      n: number(columns),
      k: number(steps),
      perSplit: number(stepsPerSplit(steps, splits)),
      ...words,
    },
    workgroups: gridOf(tilesOf(rows, columns), splits),
    code: () => `${groupIndex}
${functions}
var<workgroup> tileA: array<vec4f, ${(depth * tile) / 4}>;
var<workgroup> tileB: array<vec4f, ${(depth * tile) / 4}>;
@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let across = (words.n + ${tile - 1}) / ${tile};
  let index = groupIndex(group);
  let m0 = index / across * ${tile};
  let n0 = index % across * ${tile};
  if (m0 >= words.m) { return; }
  let split = i32(group.z);
  let kFirst = split * words.perSplit;
  let kEnd = min(kFirst + words.perSplit, words.k);
  let half = i32(thread & 63u);
  ${quads(a, "A")}
  ${quads(b, "B")}
  ${prepare(a, "A", "m0")}
  ${prepare(b, "B", "n0")}
  let rowQuad = i32(thread >> 4u) * 2;
  let columnQuad = i32(thread & 15u);
  ${each(8, (i) => `var sum${i} = vec4f(0.0);`)}
  for (var k0 = kFirst; k0 < kEnd; k0 += ${depth}) {
    var r0 = vec4f(0.0);
    var r1 = vec4f(0.0);
    var r2 = vec4f(0.0);
    var r3 = vec4f(0.0);
    if (thread < 64u) {
      ${load(a, "A")}
    } else {
      ${load(b, "B")}
    }
    workgroupBarrier();
    for (var s = 0; s < ${depth}; s++) {
      let upper = tileA[s * ${tile / 4} + rowQuad];
      let lower = tileA[s * ${tile / 4} + rowQuad + 1];
      let right = tileB[s * ${tile / 4} + columnQuad];
      ${each(8, (i) => `sum${i} += ${i < 4 ? "upper" : "lower"}[${i % 4}] * right;`)}
    }
    workgroupBarrier();
  }
  let n = n0 + columnQuad * 4;
  if (n >= words.n) { return; }
  ${each(8, (i) => `{ let m = m0 + rowQuad * 4 + ${i}; let v = sum${i}; if (m < words.m) { ${store} } }`)}
}`,
  };
}

const each = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join("\n      ");

/** Which 4 x 4 block a thread loads: neighbours in memory by neighbouring threads. */
const quads = ({ along }: Factor, name: string): string =>
  along === "k"
    ? `let kQuad${name} = half & 3; let outerQuad${name} = half >> 2;`
    : `let outerQuad${name} = half & 15; let kQuad${name} = half >> 4;`;

const prepare = ({ before }: Factor, name: string, first: string): string =>
  before
    .replaceAll("outer", `(${first} + outerQuad${name} * 4)`)
    .replace(/\bk\b/g, `(kFirst + kQuad${name} * 4)`);

/** Workgroup memory holds vectors along the outer side, 16 to a step: a block that was read along k is transposed. */
function load({ along, step, after = "" }: Factor, name: string): string {
  const at = (i: number): string => `tile${name}[(kQuad${name} * 4 + ${i}) * ${tile / 4} + outerQuad${name}]`;
  const put =
    along === "k"
      ? each(4, (i) => `${at(i)} = vec4f(r0[${i}], r1[${i}], r2[${i}], r3[${i}]);`)
      : each(4, (i) => `${at(i)} = r${i};`);
  return `let k = k0 + kQuad${name} * 4;\n      ${step}\n      ${put}\n      ${after}`;
}
