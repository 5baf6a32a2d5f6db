import { expect, it } from "vitest";
import { inOrder } from "./in-order.js";

it("yields in order whatever finishes first, and never has more than the window under way", async () => {
  let running = 0;
  let most = 0;
  const work = async (position: number): Promise<number> => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, position % 3 === 0 ? 6 : 1));
    running--;
    return position * 10;
  };
  const seen: [number, number][] = [];
  for await (const pair of inOrder(2, 12, 4, work)) seen.push(pair);
  expect(seen).toEqual(Array.from({ length: 10 }, (_, i) => [i + 2, (i + 2) * 10]));
  expect(most).toBe(4);
});
