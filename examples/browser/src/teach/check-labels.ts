import type { Session, SessionImage } from "../session.js";

/** The images that a person labelled, with a row of labels for each: 1 present, 0 absent, -1 un-annotated. */
export function labelledImages({ images, classes }: Session): {
  images: SessionImage[];
  labels: Int8Array[];
} {
  const labelled = images.filter(({ labels }) => classes.some(({ id }) => labels.has(id)));
  return {
    images: labelled,
    labels: labelled.map(({ labels }) => Int8Array.from(classes, ({ id }) => labels.get(id) ?? -1)),
  };
}

/** Why a head cannot be trained on these labels, and what to do. */
export function problemOfLabels(session: Session, policy: string): string | undefined {
  const { classes } = session;
  if (classes.length === 0) return "Name a class first.";
  const { images, labels } = labelledImages(session);
  if (images.length < 2)
    return `Label at least two images; ${images.length === 1 ? "one is" : "none is"} labelled so far.`;
  const has = (c: number, wanted: readonly number[]): boolean =>
    labels.some((row) => wanted.includes(row[c]!));
  const without = classes.filter((_, c) => !has(c, [1]));
  if (without.length > 0)
    return `No image is marked as showing ${names(without)}. Mark one, or remove the class.`;
  // Where open labels count as absent, they are the negatives of a class.
  const alike = classes.filter((_, c) => !has(c, policy === "ignore" ? [0] : [0, -1]));
  if (alike.length > 0)
    return (
      `No image is marked as not showing ${names(alike)}: a head would call it present everywhere. ` +
      `Mark it absent in some images${policy === "ignore" ? ", or let open labels count as absent" : ""}.`
    );
  return undefined;
}

const names = (classes: readonly { name: string }[]): string => classes.map(({ name }) => name).join(", ");
