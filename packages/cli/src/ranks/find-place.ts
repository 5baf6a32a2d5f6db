import { CslError } from "@csl/internal/errors/csl-error";

/** Which of several processes this one is, and where they meet. */
export interface Place {
  /** Who started them, for messages. */
  launcher: string;
  rank: number;
  size: number;
  /** Of this machine's processes, from 0 on, and how many those are. */
  localRank: number;
  localSize: number;
  host: string;
  port: number;
  /** Whether this process opens the port; else another one has. */
  serves: boolean;
  /** Differs between a run and its restart. */
  name: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

interface Launcher {
  name: string;
  /** Variables of which some are enough to recognise it; the first two are rank and size. */
  rank: string;
  size: string;
  localRank?: string;
  localSize?: string;
  /** Whether it started this process, although its variables are there. */
  started?: (env: Environment) => boolean;
  /** Where the processes meet, if no MASTER_ADDR and MASTER_PORT say so. */
  meet?: (env: Environment) => { host?: string; port?: number };
  /** How to give MASTER_ADDR and MASTER_PORT. */
  hint: string;
}

/** In the order of their priority: what a person sets by hand comes before what a cluster sets. */
const launchers: readonly Launcher[] = [
  {
    name: "RANK and WORLD_SIZE",
    ...{ rank: "RANK", size: "WORLD_SIZE", localRank: "LOCAL_RANK", localSize: "LOCAL_WORLD_SIZE" },
    hint: "torchrun sets all of them: torchrun --no-python --nproc-per-node 2 csl …",
  },
  {
    name: "Open MPI",
    ...{ rank: "OMPI_COMM_WORLD_RANK", size: "OMPI_COMM_WORLD_SIZE" },
    ...{ localRank: "OMPI_COMM_WORLD_LOCAL_RANK", localSize: "OMPI_COMM_WORLD_LOCAL_SIZE" },
    started: (env) => Number(env.OMPI_COMM_WORLD_SIZE) > 1,
    hint: "mpirun -x MASTER_ADDR=HOST_OF_RANK_0 -x MASTER_PORT=29500 -n 2 csl …",
  },
  {
    name: "MPI",
    ...{ rank: "PMI_RANK", size: "PMI_SIZE", localRank: "MPI_LOCALRANKID", localSize: "MPI_LOCALNRANKS" },
    // SLURM sets these, too; what it says of itself is more.
    started: (env) => Number(env.PMI_SIZE) > 1 && env.SLURM_PROCID === undefined,
    hint: "mpiexec -genv MASTER_ADDR HOST_OF_RANK_0 -genv MASTER_PORT 29500 -n 2 csl …",
  },
  {
    name: "SLURM",
    ...{ rank: "SLURM_PROCID", size: "SLURM_NTASKS", localRank: "SLURM_LOCALID" },
    // A shell of an allocation is one process, whatever the allocation could start.
    started: (env) =>
      Number(env.SLURM_NTASKS) > 1 &&
      env.SLURM_PROCID !== undefined &&
      !["bash", "interactive"].includes(env.SLURM_JOB_NAME ?? ""),
    meet: (env) => ({
      ...(env.SLURM_JOB_NODELIST && { host: firstHost(env.SLURM_JOB_NODELIST) }),
      ...(env.SLURM_JOB_ID && { port: 15_000 + Number(env.SLURM_JOB_ID.slice(-4)) }),
    }),
    hint: "export MASTER_ADDR and MASTER_PORT before srun.",
  },
];

/**
 * Which of several processes this one is, by the environment that torchrun, mpirun, srun or Kubeflow gives it; undefined for
 * one alone.
 *
 * Sources: docs.pytorch.org/docs/stable/elastic/run.html; slurm.schedmd.com/srun.html; PyTorch Lightning's SLURM
 * environment for the port; docs.open-mpi.org for OMPI_*.
 *
 * @throws CslError `invalid-argument` for an environment that says only half, as when torchrun was left out
 */
export function findPlace(speaker: string, env: Environment): Place | undefined {
  refuseWithoutTorchrun(speaker, env);
  for (const launcher of launchers) {
    if (launcher.started ? !launcher.started(env) : !isSet(env, launcher.rank) && !isSet(env, launcher.size))
      continue;
    const place = placeOf(speaker, launcher, env);
    return place.size === 1 ? undefined : place;
  }
  return undefined;
}

/** Whether a launcher has started this process beside others, so far as its environment says. */
export function isLaunched(env: Environment): boolean {
  return launchers.some((launcher) =>
    launcher.started ? launcher.started(env) : Number(env[launcher.size]) > 1,
  );
}

/** Kubeflow's TrainJob gives torchrun its defaults, and the processes nothing. */
function refuseWithoutTorchrun(speaker: string, env: Environment): void {
  const of = (name: string): number => Number(env[name] ?? 1) || 1;
  const { PET_NPROC_PER_NODE: perNode } = env;
  const several = of("PET_NNODES") > 1 || (perNode !== undefined && perNode !== "1");
  if (!several || isSet(env, "RANK") || isSet(env, "TORCHELASTIC_RUN_ID")) return;
  throw new CslError(
    "invalid-argument",
    `${speaker}: expected torchrun to start the processes, got its settings (PET_NNODES=${env.PET_NNODES ?? "1"}, ` +
      `PET_NPROC_PER_NODE=${perNode ?? "1"}) and no RANK: every machine would train alone. ` +
      `Make the command of the TrainJob: torchrun --no-python ${speaker} …`,
  );
}

function placeOf(speaker: string, launcher: Launcher, env: Environment): Place {
  const { name } = launcher;
  const whole = (variable: string, from: number, fallback?: number): number => {
    const text = env[variable];
    if (!isSet(env, variable) && fallback !== undefined) return fallback;
    const value = Number(text);
    if (isSet(env, variable) && Number.isSafeInteger(value) && value >= from) return value;
    const others = [launcher.rank, launcher.size, "MASTER_ADDR", "MASTER_PORT"].filter(
      (other) => other !== variable,
    );
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected the environment variable ${variable} to be a whole number from ${from} on, got ` +
        `${isSet(env, variable) ? `"${text}"` : "none"}. Processes that compute together need it beside ${others.join(", ")}: ` +
        `${launcher.hint} For one process, unset ${others.filter((other) => isSet(env, other)).join(", ") || variable}.`,
    );
  };
  const size = whole(launcher.size, 1);
  const rank = whole(launcher.rank, 0);
  if (rank >= size)
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected ${launcher.rank} below ${launcher.size}, which is ${size}, got ${rank}. ${launcher.hint}`,
    );
  const met = launcher.meet?.(env) ?? {};
  const host = isSet(env, "MASTER_ADDR") ? env.MASTER_ADDR! : size === 1 ? "127.0.0.1" : met.host;
  if (host === undefined)
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected the environment variable MASTER_ADDR, the name or address of rank 0's machine, got none from ` +
        `${name}. ${launcher.hint}`,
    );
  const port = whole("MASTER_PORT", 1, met.port ?? (size === 1 ? 29_500 : undefined));
  const localSize = localSizeOf(launcher, env, { size, whole });
  const localRank = whole(launcher.localRank ?? "LOCAL_RANK", 0, rank % localSize);
  const restart = env.TORCHELASTIC_RESTART_COUNT ?? "0";
  return {
    launcher: env.TORCHELASTIC_RUN_ID === undefined ? name : "torchrun",
    ...{ rank, size, localRank, localSize, host, port },
    // Its agent's store listens there already.
    serves: rank === 0 && env.TORCHELASTIC_USE_AGENT_STORE !== "True",
    name: `csl-${env.TORCHELASTIC_RUN_ID ?? env.SLURM_JOB_ID ?? "run"}-${env.SLURM_STEP_ID ?? "0"}-${restart}`,
  };
}

/** Processes on this machine. */
function localSizeOf(
  { localSize }: Launcher,
  env: Environment,
  { size, whole }: { size: number; whole: (variable: string, from: number, fallback?: number) => number },
): number {
  if (localSize !== undefined && isSet(env, localSize)) return whole(localSize, 1);
  // "2(x3),1": the tasks of each machine.
  const tasks = /^(\d+)/.exec(env.SLURM_STEP_TASKS_PER_NODE ?? env.SLURM_TASKS_PER_NODE ?? "");
  if (localSize === undefined && tasks) return Number(tasks[1]);
  // A pod without LOCAL_WORLD_SIZE is one process; by hand on one machine, all are here.
  return isLocal(env.MASTER_ADDR) ? size : 1;
}

const isLocal = (host: string | undefined): boolean =>
  host !== undefined && (host === "localhost" || host === "::1" || host.startsWith("127."));

const isSet = (env: Environment, name: string): boolean => (env[name] ?? "").trim() !== "";

/** The first machine of "gpu[003-006,9],login1": gpu003. */
export function firstHost(list: string): string {
  const [, before, inside, after] = /^([^,[]*)(?:\[([^\]]*)\]([^,]*))?/.exec(list)!;
  if (inside === undefined) return before!;
  return `${before}${inside.split(/[,-]/)[0]}${after ?? ""}`;
}
