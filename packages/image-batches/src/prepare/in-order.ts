/**
 * Runs `work` on the positions `from` … `to - 1`, up to `window` of them at a time, and yields the results in order.
 * A slow one holds the later ones back, so at most `window` results are waiting in memory.
 */
export async function* inOrder<T>(
  from: number,
  to: number,
  window: number,
  work: (position: number) => Promise<T>,
): AsyncGenerator<[position: number, result: T]> {
  const running: Promise<T>[] = [];
  let next = from;
  for (let position = from; position < to; position++) {
    while (next < to && running.length < window) {
      const result = work(next++);
      result.catch(() => {}); // whoever stops listening early is no unhandled error
      running.push(result);
    }
    yield [position, await running.shift()!];
  }
}
