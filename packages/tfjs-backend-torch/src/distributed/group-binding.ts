import { createRequire } from "node:module";
import { CslError } from "@csl/internal/errors/csl-error";
import type { SharedTensor } from "../binding.js";
import { type BuildOptions, buildBinding } from "../build-binding.js";
import { findLibtorch } from "../find-libtorch.js";
import { requireLibtorch } from "../load-binding.js";

/** An array whose memory is read and written, or a tensor of the torch engine. */
export type Numbers = Float32Array | Float64Array | Uint8Array | SharedTensor;

/** The native side of a process group (binding/distributed). Promises are rejected with libtorch's text. */
export interface GroupBinding {
  connect(options: {
    rank: number;
    size: number;
    host: string;
    port: number;
    /** Whether this process is the meeting point. */
    serves: boolean;
    /** Milliseconds. */
    timeout: number;
    /** Before every key at the meeting point, which others may use, too. */
    prefix: string;
    /** Where this process listens. */
    address: string;
  }): Promise<number>;
  allReduce(group: number, numbers: Numbers): Promise<void>;
  /** Returns when it is done. */
  allReduceNow(group: number, numbers: Float32Array | Float64Array): void;
  broadcast(group: number, numbers: Numbers, root: number): Promise<void>;
  /** Each rank's bytes at root, undefined elsewhere. */
  gather(group: number, bytes: Uint8Array, root: number): Promise<Uint8Array[] | undefined>;
  barrier(group: number): Promise<void>;
  close(group: number): Promise<void>;
}

let loaded: GroupBinding | undefined;

/**
 * Finds libtorch, compiles this part of the binding if need be, and loads it; once per process. The engine need not be started.
 *
 * @throws CslError `unsupported` without libtorch or a compiler, with how to get them
 */
export async function loadGroupBinding(
  options: Pick<BuildOptions, "log" | "signal"> = {},
): Promise<GroupBinding> {
  if (loaded) return loaded;
  const libtorch = requireLibtorch(findLibtorch());
  const path = await buildBinding(libtorch, { ...options, part: "distributed" });
  // c10d warns of what becomes an error in words anyway.
  process.env.TORCH_CPP_LOG_LEVEL ??= "ERROR";
  try {
    loaded = createRequire(import.meta.url)(path) as GroupBinding;
  } catch (cause) {
    throw new CslError(
      "failed",
      `torch: libtorch ${libtorch.version} (${libtorch.source}) has no process groups: ${(cause as Error).message.split("\n")[0]}. ` +
        "Install one that has them (pip install torch, or apt-get install libtorch-dev), or train in one process.",
    );
  }
  return loaded;
}
