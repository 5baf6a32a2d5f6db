import { readFileSync } from "node:fs";
import { CslError } from "@csl/internal/errors/csl-error";

/** How activations are stored. */
export type Precision = "float32" | "bf16";

/** CPU flags with which bfloat16 products are faster than float32's: AMX, and AVX-512's own dot product. */
const fastFlags = ["amx_bf16", "avx512_bf16"];

/**
 * "auto" becomes "bf16" on CUDA and on a CPU with AMX or AVX512-BF16. The latter alone is enough: on an EPYC of family 26
 * (Zen 5, no AMX) a training step of TResNet-M is faster in bfloat16 than in float32 (`pnpm --filter @csl/benchmarks torch`).
 * ARM stays in float32, also where /proc/cpuinfo has "bf16" among its "Features": it is not known to be faster there.
 *
 * @param options.flags the CPU's flags; default: those of /proc/cpuinfo, none where there is no such file
 */
export function choosePrecision(
  precision: Precision | "auto",
  { device, flags = cpuFlags() }: { device: "cpu" | "cuda"; flags?: ReadonlySet<string> },
): Precision {
  if (precision === "float32" || precision === "bf16") return precision;
  if (precision !== "auto")
    throw new CslError(
      "invalid-argument",
      `startTorch: expected precision "float32", "bf16" or "auto", got "${precision}".`,
    );
  return device === "cuda" || fastFlags.some((flag) => flags.has(flag)) ? "bf16" : "float32";
}

/** The CPU's flags; none where the system does not say. */
export function cpuFlags(): Set<string> {
  try {
    const line = /^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "";
    return new Set(line.trim().split(/\s+/));
  } catch {
    return new Set();
  }
}
