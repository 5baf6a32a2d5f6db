import { isCslError } from "@csl/internal/errors/csl-error";
import { describe, expect, it } from "vitest";
import { findPlace, firstHost } from "./find-place.js";

const meeting = { MASTER_ADDR: "10.0.0.1", MASTER_PORT: "29500" };
const find = (env: Record<string, string>) => findPlace("csl train", env);

describe("findPlace", () => {
  it.each<[string, Record<string, string>, object]>([
    [
      "torchrun",
      {
        ...{ RANK: "3", WORLD_SIZE: "4", LOCAL_RANK: "1", LOCAL_WORLD_SIZE: "2", ...meeting },
        ...{
          TORCHELASTIC_RUN_ID: "a7",
          TORCHELASTIC_RESTART_COUNT: "2",
          TORCHELASTIC_USE_AGENT_STORE: "True",
        },
      },
      {
        ...{ launcher: "torchrun", rank: 3, size: 4, localRank: 1, localSize: 2 },
        ...{ host: "10.0.0.1", port: 29_500, serves: false, name: "csl-a7-0-2" },
      },
    ],
    [
      "variables set by hand on one machine",
      { RANK: "0", WORLD_SIZE: "2", MASTER_ADDR: "127.0.0.1", MASTER_PORT: "1234" },
      {
        launcher: "RANK and WORLD_SIZE",
        rank: 0,
        size: 2,
        localRank: 0,
        localSize: 2,
        port: 1234,
        serves: true,
      },
    ],
    [
      "a pod of a PyTorchJob, which has no LOCAL_RANK",
      { RANK: "1", WORLD_SIZE: "3", ...meeting },
      { rank: 1, size: 3, localRank: 0, localSize: 1, serves: false },
    ],
    [
      "mpirun",
      {
        ...{ OMPI_COMM_WORLD_RANK: "1", OMPI_COMM_WORLD_SIZE: "2", ...meeting },
        ...{ OMPI_COMM_WORLD_LOCAL_RANK: "1", OMPI_COMM_WORLD_LOCAL_SIZE: "2" },
      },
      { launcher: "Open MPI", rank: 1, size: 2, localRank: 1, localSize: 2 },
    ],
    [
      "mpiexec of MPICH and Intel",
      { PMI_RANK: "2", PMI_SIZE: "4", MPI_LOCALRANKID: "0", MPI_LOCALNRANKS: "2", ...meeting },
      { launcher: "MPI", rank: 2, size: 4, localRank: 0, localSize: 2 },
    ],
    [
      "srun",
      {
        ...{ SLURM_PROCID: "5", SLURM_NTASKS: "8", SLURM_LOCALID: "1", SLURM_TASKS_PER_NODE: "4(x2)" },
        ...{
          SLURM_JOB_ID: "4281234",
          SLURM_JOB_NODELIST: "gpu[003-004]",
          SLURM_STEP_ID: "1",
          PMI_RANK: "5",
          PMI_SIZE: "8",
        },
      },
      {
        ...{ launcher: "SLURM", rank: 5, size: 8, localRank: 1, localSize: 4, host: "gpu003" },
        ...{ port: 16_234, name: "csl-4281234-1-0" },
      },
    ],
    [
      "torchrun within SLURM: what is nearer to the process",
      { RANK: "1", WORLD_SIZE: "2", LOCAL_RANK: "1", ...meeting, SLURM_PROCID: "0", SLURM_NTASKS: "4" },
      { rank: 1, size: 2 },
    ],
    [
      "MASTER_PORT before SLURM's",
      {
        SLURM_PROCID: "0",
        SLURM_NTASKS: "2",
        SLURM_JOB_ID: "77",
        SLURM_JOB_NODELIST: "a,b",
        MASTER_PORT: "400",
      },
      { host: "a", port: 400 },
    ],
  ])("knows %s", (_, env, place) => {
    expect(find(env)).toMatchObject(place);
  });

  it.each<[string, Record<string, string>]>([
    ["nothing", {}],
    ["one process of torchrun", { RANK: "0", WORLD_SIZE: "1", ...meeting }],
    ["one of mpirun", { OMPI_COMM_WORLD_RANK: "0", OMPI_COMM_WORLD_SIZE: "1" }],
    ["a shell of an allocation", { SLURM_PROCID: "0", SLURM_NTASKS: "8", SLURM_JOB_NAME: "bash" }],
    ["an allocation without a step", { SLURM_NTASKS: "8" }],
    ["one task", { SLURM_PROCID: "0", SLURM_NTASKS: "1", SLURM_JOB_NAME: "train" }],
    ["settings of torchrun for one process", { PET_NNODES: "1" }],
  ])("is one process alone with %s", (_, env) => {
    expect(find(env)).toBeUndefined();
  });

  it.each<[string, Record<string, string>, string[]]>([
    [
      "a rank alone",
      { RANK: "0", ...meeting },
      ["WORLD_SIZE to be a whole number from 1 on, got none", "unset RANK"],
    ],
    ["a size alone", { WORLD_SIZE: "2", ...meeting }, ["RANK to be a whole number from 0 on, got none"]],
    ["no address", { RANK: "0", WORLD_SIZE: "2" }, ["MASTER_ADDR", "torchrun --no-python"]],
    ["no port", { RANK: "0", WORLD_SIZE: "2", MASTER_ADDR: "h" }, ["MASTER_PORT", "got none"]],
    ["a word as the size", { RANK: "0", WORLD_SIZE: "two", ...meeting }, ['got "two"']],
    [
      "a rank beyond the size",
      { RANK: "2", WORLD_SIZE: "2", ...meeting },
      ["RANK below WORLD_SIZE, which is 2, got 2"],
    ],
    [
      "mpirun without an address",
      { OMPI_COMM_WORLD_RANK: "0", OMPI_COMM_WORLD_SIZE: "2" },
      ["-x MASTER_ADDR"],
    ],
    [
      "TrainJob v2 without torchrun",
      {
        PET_NNODES: "2",
        PET_NPROC_PER_NODE: "1",
        PET_NODE_RANK: "0",
        PET_MASTER_ADDR: "h",
        PET_MASTER_PORT: "1",
      },
      ["expected torchrun", "torchrun --no-python csl train"],
    ],
    ["TrainJob v2 with several processes a machine", { PET_NPROC_PER_NODE: "auto" }, ["expected torchrun"]],
  ])("refuses %s", (_, env, words) => {
    try {
      find(env);
    } catch (error) {
      expect(isCslError(error, "invalid-argument")).toBe(true);
      for (const word of words) expect((error as Error).message).toContain(word);
      return;
    }
    expect.unreachable("it was taken");
  });
});

it.each([
  ["gpu[003-006,9],login1", "gpu003"],
  ["gpu[7,9]", "gpu7"],
  ["a1,b2", "a1"],
  ["rack[1-2]-node3,x", "rack1-node3"],
  ["one", "one"],
])("the first machine of %s is %s", (list, host) => {
  expect(firstHost(list)).toBe(host);
});
