import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import { int, type Word } from "../run-shader.js";

/** How a kernel walks over [rows, channels]: a workgroup takes 16 vectors of channels and a slab of rows, 16 at a time. */
export interface ChannelRows {
  /** Whether channels are read as vectors of four. */
  vectors: boolean;
  /** Vectors (or single channels) in a row. */
  width: number;
  rows: number;
  /** Workgroups that share the width. */
  columns: number;
  /** Workgroups that share the rows. */
  slabs: number;
  rowsPerSlab: number;
}

/** Side of the square of threads of a workgroup. */
const side = 16;

/** More slabs keep more of the device busy, but every workgroup of a second pass combines what all of them found. */
const mostSlabs = 128;

/** At least 8 rows for each thread: less is not worth a workgroup. */
const leastRows = 8 * side;

export function channelRows({ shape }: TensorInfo, most: number = mostSlabs): ChannelRows {
  const channels = shape.at(-1)!;
  const rows = util.sizeFromShape(shape) / channels;
  const vectors = channels % 4 === 0;
  const width = vectors ? channels / 4 : channels;
  const rowsPerSlab = Math.max(leastRows, Math.ceil(rows / most));
  return {
    vectors,
    width,
    rows,
    columns: Math.ceil(width / side),
    slabs: Math.ceil(rows / rowsPerSlab),
    rowsPerSlab,
  };
}

/** As words of a shader. */
export const rowWords = ({ width, rows, rowsPerSlab }: ChannelRows): Record<string, Word> => ({
  width: int(width),
  rows: int(rows),
  rowsPerSlab: int(rowsPerSlab),
});

/** WGSL: T, a vector of channels or a single one. */
export const channelType = ({ vectors }: ChannelRows): string => `alias T = ${vectors ? "vec4f" : "f32"};`;

/** WGSL: the entry point of a workgroup over columns x slabs. `column`, `slab`, `lane` (of the row) and `i` (x + 16 · lane). */
export const channelMain = (body: string): string => `
@compute @workgroup_size(${side}, ${side})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let column = i32(group.x * ${side}u + local.x);
  let slab = i32(group.y);
  let lane = i32(local.y);
  let i = i32(local.y * ${side}u + local.x);
  let inside = column < words.width;
  let first = slab * words.rowsPerSlab;
  let end = min(first + words.rowsPerSlab, words.rows);
${body}
}`;

/** WGSL: combines what the 16 lanes of each column hold at `i` by `combine(i, other)`; the results are at the first lane. */
export const overLanes = (combine: string): string => `
  workgroupBarrier();
  for (var other = ${side / 2}; other > 0; other >>= 1) {
    if (lane < other) { ${combine}(i, i + other * ${side}); }
    workgroupBarrier();
  }`;
