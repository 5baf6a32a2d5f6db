import { CellStore } from "./cell-store.js";
import type { ConflictPolicy } from "./label-mark.js";

/**
 * The same labels with every image once, ids ascending. Files are sorted by id, but that is not promised: several
 * files, or one whose ids come back, give several ascending runs, which are merged (stable, so that `last` is last).
 */
export function mergeGroups(store: CellStore, conflicts: ConflictPolicy): CellStore {
  if (store.runs.length <= 1) return store;
  const { words, offsets, classes, marks } = store;
  const order = ascendingOrder(words, store.groups, store.runs);
  const merged = new CellStore(conflicts);
  merged.duplicates = store.duplicates;
  merged.overruled = store.overruled;
  merged.reserveExactly(store.groups, store.cells);
  for (const group of order) {
    merged.begin(words[2 * group]!, words[2 * group + 1]!);
    const end = offsets[group + 1]!;
    for (let i = offsets[group]!; i < end; i++) merged.put(classes[i]!, marks[i]!);
  }
  return merged;
}

/** A natural merge sort: neighbouring runs are merged until one is left. Sorted files take one pass a doubling. */
function ascendingOrder(words: Uint32Array, groups: number, runs: readonly number[]): Uint32Array {
  let order = Uint32Array.from({ length: groups }, (_, i) => i);
  let other = new Uint32Array(groups);
  let starts = [...runs, groups];
  const before = (a: number, b: number): boolean => {
    const upperA = words[2 * a]!;
    const upperB = words[2 * b]!;
    return upperA < upperB || (upperA === upperB && words[2 * a + 1]! <= words[2 * b + 1]!);
  };
  while (starts.length > 2) {
    const next: number[] = [];
    for (let run = 0; run < starts.length - 1; run += 2) {
      const middle = starts[run + 1]!;
      const end = starts[run + 2] ?? middle;
      next.push(starts[run]!);
      let out = starts[run]!;
      let left = out;
      let right = middle;
      while (left < middle && right < end) {
        other[out++] = before(order[left]!, order[right]!) ? order[left++]! : order[right++]!;
      }
      while (left < middle) other[out++] = order[left++]!;
      while (right < end) other[out++] = order[right++]!;
    }
    next.push(groups);
    starts = next;
    [order, other] = [other, order];
  }
  return order;
}
