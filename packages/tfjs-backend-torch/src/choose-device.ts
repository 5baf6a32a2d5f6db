import { CslError } from "@csl/internal/errors/csl-error";

/** The variables in which launchers say which of the processes of its machine this one is: torchrun, Open MPI, MPICH, SLURM. */
const localRanks = ["LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID"];

/** @throws CslError `invalid-argument` for another word */
export function checkDevice(device: unknown): asserts device is "cpu" | "cuda" | `cuda:${number}` {
  if (/^(cpu|cuda(:\d+)?)$/.test(String(device))) return;
  throw new CslError(
    "invalid-argument",
    `startTorch: expected device "cpu", "cuda", or a GPU such as "cuda:1", got "${device}".`,
  );
}

/**
 * Which GPU `device` means: the one that "cuda:1" names; for "cuda", that of this process's place among those of its
 * machine, or the first. Where a launcher shows each process one GPU alone, that is it.
 *
 * @param options.count GPUs that this process sees
 * @throws CslError `invalid-argument` for a GPU that is not there
 */
export function chooseDevice(
  device: "cuda" | `cuda:${number}`,
  { count, env = process.env }: { count: number; env?: NodeJS.ProcessEnv },
): number {
  const [, named] = device.split(":");
  const variable = localRanks.find((name) => /^\d+$/.test(env[name] ?? ""));
  const place = variable === undefined || count === 1 ? 0 : Number(env[variable]);
  const index = named === undefined ? place : Number(named);
  if (Number.isInteger(index) && index >= 0 && index < count) return index;
  const what = named === undefined ? `${variable}=${env[variable!]}` : `device "${device}"`;
  const there = count === 1 ? "one GPU, cuda:0" : `${count} GPUs, cuda:0 to cuda:${count - 1}`;
  throw new CslError(
    "invalid-argument",
    `startTorch: expected a GPU of this machine, which has ${there}; got ${what}. Start as many processes on it as it has GPUs.`,
  );
}
