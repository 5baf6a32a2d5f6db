import type { ClassList } from "@csl/labels";

/** @throws naming the first difference when a checkpoint and a data set have other classes, or in another order. */
export function requireSameClasses(trained: ClassList, found: ClassList, model: string, data: string): void {
  if (trained.hash() === found.hash()) return;
  const at = trained.ids.findIndex((id, i) => id !== found.ids[i]);
  throw new Error(
    `csl: ${model} was trained for ${trained.size} classes, ${data} has ${found.size}; they first differ at position ` +
      `${at < 0 ? Math.min(trained.size, found.size) : at} (${trained.ids[at] ?? "none"} / ${found.ids[at] ?? "none"}).`,
  );
}
