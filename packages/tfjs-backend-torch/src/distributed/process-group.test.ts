import { createServer } from "node:net";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { compileTime, onTorch, useTorch, withoutTorch } from "../../test/use-torch.js";
import { joinProcessGroup, type ProcessGroupOptions } from "./join-process-group.js";
import type { ProcessGroup } from "./process-group.js";

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** All ranks in one process: each group has a thread of its own. */
async function together<T>(
  size: number,
  work: (group: ProcessGroup) => Promise<T>,
  options: Partial<ProcessGroupOptions> = {},
): Promise<T[]> {
  const port = await freePort();
  const ranks = Array.from({ length: size }, (_, rank) => rank);
  return Promise.all(
    ranks.map(async (rank) => {
      const group = await joinProcessGroup({ rank, size, host: "127.0.0.1", port, timeout: 20, ...options });
      const result = await work(group);
      await group.close();
      return result;
    }),
  );
}

describe.skipIf(withoutTorch)(`process groups on ${onTorch}`, () => {
  beforeAll(async () => {
    await together(1, async () => {}); // compiles
  }, compileTime);

  test.each([1, 2, 3, 4])("%d ranks: sums, copies and gathers", async (size) => {
    const ranks = Array.from({ length: size }, (_, rank) => rank);
    // Σ over the ranks of 1, of the rank, and of 2^rank.
    const sum = [size, (size * (size - 1)) / 2, 2 ** size - 1];
    const results = await together(size, async (group) => {
      const { rank } = group;
      const floats = Float32Array.of(1, rank, 2 ** rank);
      const doubles = Float64Array.of(1, rank, 2 ** rank);
      await group.allReduce(floats);
      await group.allReduce(doubles);
      const copied = Uint8Array.of(rank, rank);
      await group.broadcast(copied, { root: size - 1 });
      const gathered = await group.gather(new Uint8Array(rank).fill(rank));
      await group.barrier();
      return { floats: [...floats], doubles: [...doubles], copied: [...copied], gathered };
    });
    for (const [rank, { floats, doubles, copied, gathered }] of results.entries()) {
      expect(floats).toEqual(sum);
      expect(doubles).toEqual(sum);
      expect(copied).toEqual([size - 1, size - 1]);
      // Lengths differ, one is 0.
      const all = rank === 0 ? ranks.map((one) => new Uint8Array(one).fill(one)) : undefined;
      expect(gathered).toEqual(all);
    }
  });

  test("a tensor of the engine is summed in its own memory", { timeout: compileTime }, async () => {
    await useTorch();
    const tensors = [tf.tensor1d([1, 2]), tf.tensor1d([10, 20])];
    await together(2, (group) => group.allReduce(tensors[group.rank]!));
    for (const tensor of tensors) expect([...tensor.dataSync()]).toEqual([11, 22]);
    tf.dispose(tensors);
  });

  test("an array that begins within its memory", async () => {
    const [first] = await together(2, async (group) => {
      const whole = Float32Array.of(1, 2, 3, 4);
      await group.allReduce(whole.subarray(1, 3));
      return [...whole];
    });
    expect(first).toEqual([1, 4, 6, 4]);
  });

  test("a sum that JavaScript waits for comes in its turn, and fails in words", async () => {
    const [result] = await together(1, async (group) => {
      const [first, second] = [Float64Array.of(1, 2), Float32Array.of(3)];
      const summed = group.allReduce(first);
      group.allReduceNow(second);
      await summed;
      return { sums: [...first, ...second], group };
    });
    expect(result!.sums).toEqual([1, 2, 3]);
    expect(() => result!.group.allReduceNow(Float64Array.of(1))).toThrow(
      /^rank 0 of 1: could not sum over the ranks: .*\(this group is closed\)$/,
    );
  });

  test("several at once are done in the order in which they were asked for", async () => {
    const results = await together(2, async (group) => {
      const arrays = Array.from({ length: 20 }, (_, i) => new Float32Array(1000).fill(i + group.rank));
      await Promise.all(arrays.map((array) => group.allReduce(array)));
      return arrays.map((array) => array[999]);
    });
    for (const result of results) expect(result).toEqual(Array.from({ length: 20 }, (_, i) => 2 * i + 1));
  });

  test("JavaScript goes on while a rank waits", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await together(2, async (group) => {
      if (group.rank === 1) await new Promise((resolve) => setTimeout(resolve, 100));
      await group.barrier();
    });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });

  test("a rank that does not come is told by the time limit, with the rank that waited", async () => {
    const port = await freePort();
    const alone = joinProcessGroup({ rank: 0, size: 2, host: "127.0.0.1", port, timeout: 1 });
    await expect(alone).rejects.toMatchObject({
      code: "failed",
      message: expect.stringMatching(
        /^rank 0 of 2: could not meet at 127\.0\.0\.1:\d+: another rank did not answer within 1 s/,
      ),
    });
  });

  test.each([
    [{ rank: 2 }, "joinProcessGroup: expected a rank from 0 to size - 1, got rank 2 of 2."],
    [{ rank: -1 }, "joinProcessGroup: expected a rank from 0 to size - 1, got rank -1 of 2."],
    [
      { port: 0 },
      "joinProcessGroup: expected port to be a finite number of at least 1 and of at most 65535, got 0.",
    ],
    [{ timeout: 0 }, "joinProcessGroup: expected timeout to be a finite number of at least 1, got 0."],
    [
      { interface: "none0" },
      /^joinProcessGroup: expected a network interface of this machine \(lo.*\), got none0\.$/,
    ],
    [
      { host: "no-such-host.invalid" },
      /^joinProcessGroup: rank 0 of 2: expected a host to meet at, got no-such-host\.invalid/,
    ],
  ] as const)("%j is refused", async (given, message) => {
    const options = { rank: 0, size: 2, host: "127.0.0.1", port: 29500, timeout: 5, ...given };
    await expect(joinProcessGroup(options)).rejects.toThrow(message);
  });
});
