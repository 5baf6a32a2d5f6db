import type { GpuBackend } from "../gpu-backend.js";
import { gridOf, groupIndex, int, runShader } from "../run-shader.js";

/** Makes a tensor in float16 one in float32, for a reader that knows no other. */
export function widenHalves(backend: GpuBackend, dataId: object): void {
  const data = backend.tensorMap.get(dataId);
  const halves = data.resource!;
  const vectors = halves.size / 8;
  const wide = backend.makeTensorInfo([4 * vectors], "float32");
  backend.uploadToGPU(wide.dataId);
  const narrow = { dataId, shape: [4 * vectors], dtype: "float32" as const };
  runShader(backend, {
    name: "float16 to float32",
    buffers: {
      wide: { tensor: wide, element: "vec4f", write: true },
      narrow: { tensor: narrow, element: "half4" },
    },
    words: { vectors: int(vectors) },
    workgroups: gridOf(Math.ceil(vectors / 256)),
    code: () => `${groupIndex}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = groupIndex(group) * 256 + i32(thread);
  if (i < words.vectors) { store_wide(i, load_narrow(i)); }
}`,
  });
  // The two trade their buffers: the halves go with the new tensor, as soon as the stream has read them.
  const other = backend.tensorMap.get(wide.dataId);
  data.resource = other.resource;
  data.half = undefined;
  other.resource = halves;
  backend.disposeData(wide.dataId);
}
