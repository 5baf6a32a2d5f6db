import { expect, test } from "vitest";
import { chooseDevice } from "./choose-device.js";

test.each([
  ["cuda", {}, 4, 0],
  ["cuda", { LOCAL_RANK: "2" }, 4, 2],
  ["cuda", { OMPI_COMM_WORLD_LOCAL_RANK: "1" }, 4, 1],
  ["cuda", { MPI_LOCALRANKID: "3" }, 4, 3],
  ["cuda", { SLURM_LOCALID: "1" }, 2, 1],
  ["cuda", { LOCAL_RANK: "0", SLURM_LOCALID: "1" }, 2, 0], // torchrun within a SLURM job
  ["cuda", { LOCAL_RANK: "3" }, 1, 0], // CUDA_VISIBLE_DEVICES names one for each process
  ["cuda", { LOCAL_RANK: "" }, 2, 0],
  ["cuda:1", { LOCAL_RANK: "0" }, 2, 1],
] as const)("%s with %j and %d GPUs is number %d", (device, env, count, index) => {
  expect(chooseDevice(device, { count, env })).toBe(index);
});

test.each([
  ["cuda", { LOCAL_RANK: "2" }, "has 2 GPUs, cuda:0 to cuda:1; got LOCAL_RANK=2"],
  ["cuda:2", {}, 'has 2 GPUs, cuda:0 to cuda:1; got device "cuda:2"'],
] as const)("%s with %j is refused where there are two", (device, env, words) => {
  expect(() => chooseDevice(device, { count: 2, env })).toThrow(words);
});
