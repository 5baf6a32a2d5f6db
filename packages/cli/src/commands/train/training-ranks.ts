import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTrainingSettings } from "@csl/checkpoints";
import type { Engine } from "@csl/engine";
import type { UnreadableImage } from "@csl/image-batches";
import { CslError } from "@csl/internal/errors/csl-error";
import { removeTemporaryFiles, temporaryName } from "@csl/internal/files/temporary-files";
import type { Collectives } from "@csl/trainer";
import { gatherJson, type Ranks } from "../../ranks/ranks.js";
import type { Terminal } from "../../terminal/terminal.js";
import type { RunFolder } from "./run-folder.js";
import type { TrainOptions } from "./train-flags.js";

/** A folder of its own for what a rank beside rank 0 would write: the run is rank 0's to write. Those of killed ranks go. */
export async function scratchFolder(): Promise<{ path: string; folder: RunFolder }> {
  const remove = (path: string): Promise<void> => rm(path, { recursive: true, force: true });
  await removeTemporaryFiles(tmpdir(), { of: "csl-rank", files: { readdir, stat, rm: remove } });
  const path = temporaryName(join(tmpdir(), "csl-rank"));
  await mkdir(path);
  return {
    path,
    folder: { begin: async () => {}, assertHeld: () => {}, release: () => remove(path) },
  };
}

/**
 * The checkpoint that `--resume auto` means: last.safetensors of the run's folder, nothing where there is none yet. What a
 * run that was killed before its first checkpoint left may be replaced: nothing in it could be continued.
 */
export async function settleResume(options: TrainOptions): Promise<TrainOptions> {
  if (options.resume !== "auto") return options;
  const isThere = async (name: string): Promise<boolean> =>
    (await stat(join(options.pathDest, name)).catch(() => undefined))?.isFile() === true;
  const { resume: _, ...rest } = options;
  if (await isThere("last.safetensors"))
    return { ...rest, resume: join(options.pathDest, "last.safetensors") };
  const finished = await isThere("best.safetensors");
  return { ...rest, ...(!finished && { restart: true }) } as TrainOptions;
}

/**
 * Batches that each rank accumulates, so that a step of a run that other many processes began holds the same images. Only
 * where `--resume auto` was asked for: it is how launchers start a command again, with as many processes as are left.
 *
 * @throws CslError `mismatch` where the batches of a step cannot be shared equally
 */
export async function settleAccumulate(
  options: TrainOptions,
  { size, terminal }: { size: number; terminal: Terminal },
): Promise<number> {
  const { resume, accumulate } = options;
  if (resume === undefined) return accumulate;
  const { accumulate: batches } = await readTrainingSettings(resume);
  if (typeof batches !== "number" || batches === accumulate * size) return accumulate;
  if (batches % size !== 0)
    throw new CslError(
      "mismatch",
      `csl train: expected a number of processes that shares the ${batches} ${batches === 1 ? "batch" : "batches"} of a step of ` +
        `${resume} equally, got ${size}. Continue with ${divisors(batches).join(" or ")}.`,
    );
  const each = batches / size;
  terminal.info(
    `a step of ${resume} holds ${batches} ${batches === 1 ? "batch" : "batches"}: ` +
      `${size === 1 ? "this process accumulates" : `each of ${size} processes accumulates`} ${each} (--accumulate ${each})`,
  );
  return each;
}

const divisors = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);

/**
 * Batches of an epoch for each rank: as many as the loader has, fewer where the run that is continued had fewer, because its
 * processes could not share the last ones.
 */
export async function batchesPerRank(
  loader: { batches: number },
  { resume, size }: { resume: string | undefined; size: number },
): Promise<number> {
  if (resume === undefined) return loader.batches;
  const { batchesPerEpoch } = await readTrainingSettings(resume);
  const each = Number(batchesPerEpoch) / size;
  return Number.isInteger(each) && each >= 1 ? Math.min(each, loader.batches) : loader.batches;
}

/** Every R-th of `count` positions: all ranks together visit each once. */
export function shareOf(count: number, { rank, size }: Pick<Ranks, "rank" | "size">): number[] {
  return Array.from({ length: Math.ceil((count - rank) / size) }, (_, i) => rank + i * size);
}

/** The group as the trainer takes it: gradients of the torch engine are added in its own memory. */
export function collectivesOf({ rank, size, group }: Ranks, engine: Engine): Collectives {
  return {
    ...{ rank, size },
    allReduce: (numbers) => group.allReduce(numbers),
    ...(engine.backend === "torch" && { allReduceTensor: (tensor) => group.allReduce(tensor) }),
    allReduceNow: (numbers) => group.allReduceNow(numbers),
    broadcast: (numbers) => group.broadcast(numbers),
    gather: (bytes) => group.gather(bytes),
  };
}

/** What a step holds, over all processes. */
export function describeSteps(
  {
    batchSize,
    accumulate,
    topkScope,
    partialLossMode,
  }: Pick<TrainOptions, "batchSize" | "accumulate" | "topkScope" | "partialLossMode">,
  { size }: Pick<Ranks, "size">,
): string {
  const batches = accumulate === 1 ? "a batch" : `${accumulate} batches`;
  const selects = partialLossMode === "selective" && topkScope === "batch";
  return (
    `a step: ${batches} of ${batchSize} images on each of ${size} processes, ${size * accumulate * batchSize} images` +
    (selects ? "; --likelihood-topk counts within the batch of a process" : "")
  );
}

/** What a rank could not read, of all ranks, each image once. */
export async function unreadableOfAll(
  ranks: Ranks,
  own: readonly UnreadableImage[],
): Promise<UnreadableImage[]> {
  const all = (await gatherJson(ranks, own)) ?? [own];
  return [...new Map(all.flat().map((image) => [image.path, image])).values()];
}
