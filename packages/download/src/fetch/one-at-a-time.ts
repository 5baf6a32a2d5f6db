/** The items of one iterator for many takers: none asks before the one before it has been answered. */
export function oneAtATime<T>(items: Iterable<T> | AsyncIterable<T>): () => Promise<T | undefined> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let turn: Promise<unknown> = Promise.resolve();
  return () => {
    const result = turn.then(async () => {
      const { value, done } = await iterator.next();
      return done ? undefined : (value as T);
    });
    turn = result.catch(() => {});
    return result;
  };
}
