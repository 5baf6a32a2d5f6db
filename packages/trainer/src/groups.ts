/** Lists of `size` items, the last one shorter; the first `skip` items are read and dropped. */
export async function* groups<T>(
  items: AsyncIterable<T> | Iterable<T>,
  { size, skip = 0 }: { size: number; skip?: number },
): AsyncGenerator<T[], void, undefined> {
  let group: T[] = [];
  let index = 0;
  for await (const item of items) {
    if (index++ < skip) continue;
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
