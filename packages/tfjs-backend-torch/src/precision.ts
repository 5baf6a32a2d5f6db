import { readFileSync } from "node:fs";
import { CslError } from "@csl/internal/errors/csl-error";

/** How activations are stored. */
export type Precision = "float32" | "bf16";

/** CPU flags with which bfloat16 products are faster than float32's: AMX, and AVX-512's own dot product. */
const fastFlags = ["amx_bf16", "avx512_bf16"];

/** The compute capability from which on GPUs multiply bfloat16: Ampere's. */
const fastCapability = 8;

/**
 * "auto" becomes "bf16" on GPUs of compute capability 8.0 and above, and on a CPU with AMX or AVX512-BF16. The latter alone is
 * enough: on an EPYC of family 26 (Zen 5, no AMX) a training step of TResNet-M is faster in bfloat16 than in float32
 * (`pnpm --filter @csl/benchmarks torch`). ARM stays in float32, also where /proc/cpuinfo has "bf16" among its "Features": it
 * is not known to be faster there.
 *
 * @param options.capability the GPU's, null where it is not known; without it the CPU counts
 * @param options.flags the CPU's flags; default: those of /proc/cpuinfo, none where there is no such file
 */
export function choosePrecision(
  precision: Precision | "auto",
  {
    capability,
    flags = cpuFlags(),
  }: { capability?: readonly [major: number, minor: number] | null; flags?: ReadonlySet<string> } = {},
): Precision {
  checkPrecision(precision);
  if (precision !== "auto") return precision;
  const fast =
    capability === undefined
      ? fastFlags.some((flag) => flags.has(flag))
      : capability !== null && capability[0] >= fastCapability;
  return fast ? "bf16" : "float32";
}

/** @throws CslError `invalid-argument` for another word */
export function checkPrecision(precision: unknown): asserts precision is Precision | "auto" {
  if (precision === "float32" || precision === "bf16" || precision === "auto") return;
  throw new CslError(
    "invalid-argument",
    `startTorch: expected precision "float32", "bf16" or "auto", got "${precision}".`,
  );
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
