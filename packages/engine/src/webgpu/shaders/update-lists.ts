import { CslError } from "@csl/internal/errors/csl-error";
import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { Gpu } from "../gpu.js";
import { SharedLists } from "../memory/shared-lists.js";
import { gridOf, groupIndex, int, type Word } from "../run-shader.js";
import { byBuffer, entryOf, tableTensor } from "./tensor-table.js";

/** Numbers that a workgroup handles: 4 for each of its 256 threads. */
const perGroup = 1024;

export interface ListUpdate {
  name: string;
  /** Lists of n tensors that change, by the names that `body` has for their buffers. */
  roles: Record<string, readonly TensorInfo[]>;
  /** The n tensors that they change by: `load_source` in `body`. */
  sources: readonly TensorInfo[];
  /** A number for each of the n: `factor` in `body`. */
  factors: readonly number[];
  words?: Record<string, Word>;
  /** WGSL for one number of a tensor, at `i` of the buffers of its roles and at `s` of its source. */
  body: string;
}

/**
 * Changes lists of tensors in one dispatch for each buffer that the sources lie in. A table tells each workgroup its tensor.
 *
 * @returns the changed tensors, role after role
 */
export function updateLists(gpu: Gpu, { name, roles, sources, factors, ...rest }: ListUpdate): TensorInfo[] {
  const { words = {}, body } = rest;
  const { backend } = gpu;
  if ([...Object.values(roles), sources].flat().some((tensor) => !gpu.isFloat(tensor)))
    throw new CslError(
      "unsupported",
      `${name}: expected float32 numbers, got whole ones that a cast calls float32. Multiply them by 1.`,
    );
  const { lists, successors } = SharedLists.take(backend, roles);
  const own = new Set(lists.buffers.values());
  const copies: TensorInfo[] = [];
  const apart = sources.map((source) => {
    backend.uploadToGPU(source.dataId);
    // A shader that writes to a buffer may not also read it under another name.
    if (!own.has(backend.tensorMap.get(source.dataId).resource!)) return source;
    const copy = gpu.copy(source);
    copies.push(copy);
    return copy;
  });
  for (const [buffer, indices] of byBuffer(gpu, apart)) {
    const { table, groups } = tableTensor(
      gpu,
      indices.map((i) => ({
        size: util.sizeFromShape(sources[i]!.shape),
        numbers: [lists.offset(i), gpu.offset(apart[i]!)],
        factor: factors[i] ?? 0,
      })),
      perGroup,
    );
    gpu.withWholes([...lists.buffers.values(), buffer], (wholes) => {
      const source = wholes.pop()!;
      gpu.run({
        name,
        buffers: {
          ...Object.fromEntries(
            [...lists.buffers.keys()].map((role, i) => [role, gpu.write(wholes[i]!, false)]),
          ),
          source: gpu.read(source, false),
          table: { tensor: table, element: "i32" },
        },
        words: { entries: int(indices.length), groups: int(groups), ...words },
        workgroups: gridOf(groups),
        code: () => updateCode(body),
      });
    });
    gpu.free(table);
  }
  gpu.free(...copies);
  return successors;
}

const updateCode = (body: string): string => `${groupIndex}
${entryOf(5)}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let index = groupIndex(group);
  if (index >= words.groups) { return; }
  let entry = entryOf(index);
  let size = table[entry + 1];
  let factor = bitcast<f32>(table[entry + 2]);
  let first = (index - table[entry]) * ${perGroup} + i32(thread);
  for (var n = 0; n < ${perGroup}; n += 256) {
    if (first + n < size) {
      let i = table[entry + 3] + first + n;
      let s = table[entry + 4] + first + n;
      ${body}
    }
  }
}`;
