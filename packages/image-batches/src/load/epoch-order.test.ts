import { expect, it } from "vitest";
import { epochOrder, mixSeeds } from "./epoch-order.js";

const plain = { only: undefined, shuffle: false, seed: 3, epoch: 2, batchSize: 8, rank: 0, ranks: 1 };

it("visits every position once, shuffled by seed and epoch", () => {
  const sorted = (order: Uint32Array): number[] => [...order].sort((a, b) => a - b);
  const all = Array.from({ length: 1000 }, (_, i) => i);
  expect([...epochOrder(1000, plain)]).toEqual(all);
  const shuffled = epochOrder(1000, { ...plain, shuffle: true });
  expect(sorted(shuffled)).toEqual(all);
  expect(epochOrder(1000, { ...plain, shuffle: true })).toEqual(shuffled);
  expect(epochOrder(1000, { ...plain, shuffle: true, epoch: 3 })).not.toEqual(shuffled);
  const only = Uint32Array.from({ length: 10 }, (_, i) => i * i);
  expect(sorted(epochOrder(1000, { ...plain, shuffle: true, only }))).toEqual([...only]);
});

it.each([
  [1000, 2],
  [1001, 2],
  [1003, 4],
  [7, 3],
])("deals %d positions to %d ranks: disjoint, equally long, the common order's start", (count, ranks) => {
  const options = { ...plain, shuffle: true, ranks };
  const common = epochOrder(count, { ...options, ranks: 1 });
  const perRank = Array.from({ length: ranks }, (_, rank) => epochOrder(count, { ...options, rank }));
  const each = Math.floor(count / ranks);
  for (const order of perRank) expect(order.length).toBe(each);
  // Batch by batch in turn; each round is the next part of the common order.
  const dealt: number[] = [];
  for (let at = 0; at < each; at += 8) for (const order of perRank) dealt.push(...order.slice(at, at + 8));
  expect(dealt).toEqual([...common.slice(0, each * ranks)]);
});

it("gives every (seed, epoch, image) of a small grid a seed of its own, whatever the order of the parts", () => {
  const seen = new Set<number>();
  for (let seed = 0; seed < 20; seed++) {
    for (let epoch = 0; epoch < 20; epoch++) {
      for (let index = 0; index < 50; index++) seen.add(mixSeeds(seed, epoch, index));
    }
  }
  // 20 000 draws of 2^32 collide 0.05 times on average.
  expect(seen.size).toBeGreaterThanOrEqual(19_999);
  expect(mixSeeds(1, 2)).not.toBe(mixSeeds(2, 1));
});
