import { expect, test } from "vitest";
import { groups } from "./groups.js";

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

test("groups of two, a shorter last one, the first items skipped", async () => {
  expect(await all(groups([1, 2, 3, 4, 5], { size: 2 }))).toEqual([[1, 2], [3, 4], [5]]);
  expect(await all(groups([1, 2, 3, 4, 5], { size: 2, skip: 2 }))).toEqual([[3, 4], [5]]);
  expect(await all(groups([1, 2], { size: 2, skip: 2 }))).toEqual([]);
});

test("leaving early closes the source", async () => {
  let closed = false;
  async function* source() {
    try {
      for (;;) yield 0;
    } finally {
      closed = true;
    }
  }
  for await (const _ of groups(source(), { size: 2 })) break;
  expect(closed).toBe(true);
});
