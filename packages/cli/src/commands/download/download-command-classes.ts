import type { ClassList } from "@csl/labels";

/**
 * The class ids that `--classes` names: ids or display names in any case, separated by commas. A name that holds a
 * comma itself has to be given by its id.
 *
 * @throws for a name that nobody has, with near matches, and for one that several classes have
 */
export function classIdsNamed(text: string, classes: ClassList): string[] {
  const parts = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (parts.length === 0) throw new Error(`csl: expected class names or ids, got "${text}".`);
  return parts.map((part) => {
    if (classes.has(part)) return part;
    const same = classes.ids.filter((_, i) => classes.names[i]!.toLowerCase() === part.toLowerCase());
    if (same.length > 1)
      throw new Error(
        `csl: expected one class called "${part}", got ${same.join(", ")}. Say which by its id.`,
      );
    return same[0] ?? classes.ids[classes.indexOf(part)]!;
  });
}
