/** Seconds on the clock and seconds of all cores together; the second says more on a machine that others use. */
export type Cost = { wall: number; cpu: number };

/** One way to read the images. `run` reads them all once. */
export type Contestant = { name: string; run: () => Promise<Cost>; close: () => Promise<void> };

/**
 * Runs the contestants in turns, so that what else the machine does hits all of them, and prints the least of each.
 * The first one is what the others are compared with.
 */
export async function runContest(
  title: string,
  contestants: readonly Contestant[],
  { images, rounds }: { images: number; rounds: number },
): Promise<void> {
  const best = contestants.map(
    (): Cost => ({ wall: Number.POSITIVE_INFINITY, cpu: Number.POSITIVE_INFINITY }),
  );
  for (let round = 0; round < rounds; round++) {
    for (const [i, contestant] of contestants.entries()) {
      const { wall, cpu } = await contestant.run();
      best[i] = { wall: Math.min(best[i]!.wall, wall), cpu: Math.min(best[i]!.cpu, cpu) };
    }
  }
  await Promise.all(contestants.map((contestant) => contestant.close()));
  const first = best[0]!;
  console.log(`\n| ${title} | images/s | times the first | CPU ms/image | times less CPU |`);
  console.log("|---|---|---|---|---|");
  for (const [i, { wall, cpu }] of best.entries()) {
    const perSecond = (images / wall).toFixed(0);
    const cells = [perSecond, first.wall / wall, (cpu * 1000) / images, first.cpu / cpu];
    console.log(
      `| ${contestants[i]!.name} | ${cells.map((c) => (typeof c === "number" ? c.toFixed(2) : c)).join(" | ")} |`,
    );
  }
}
