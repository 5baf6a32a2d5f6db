/**
 * Found by looking at every drawing. Some show another thing than the class (`avoid`) or a second class as well
 * (`alsoShows`).
 */
interface Exception {
  readonly class: string;
  /** Sets concerned; without it, all of them. */
  readonly sets?: readonly string[];
  /** Code points concerned; without it, all of the class. */
  readonly codePoints?: readonly string[];
}

/** Drawings whose label would be wrong: twemoji's racket is a ball, noto-v1's laptop a desktop, fxemoji's keyboard a piano. */
export const avoid: readonly Exception[] = [
  { class: "tennis racket", sets: ["twemoji"] },
  { class: "laptop", sets: ["noto-v1"] },
  { class: "keyboard", sets: ["fxemoji"] },
];

/** Drawings that contain further classes: each is annotated too, with the same box and area. */
export const alsoShows: readonly (Exception & { readonly shows: readonly string[] })[] = [
  { class: "motorcycle", sets: ["emojione"], shows: ["person"] },
  { class: "boat", sets: ["noto-v1", "emojione"], codePoints: ["1f6a4"], shows: ["person"] },
  { class: "snowboard", shows: ["person"] },
  { class: "surfboard", shows: ["person"] },
  {
    class: "tennis racket",
    sets: ["noto", "noto-v1", "fluent-emoji-flat", "fluent-3d", "emojione"],
    shows: ["sports ball"],
  },
  { class: "fork", shows: ["knife"] },
  { class: "bowl", codePoints: ["1f963"], shows: ["spoon"] },
];

/** Whether an exception is about this drawing. */
export function appliesTo(
  exception: Exception,
  drawing: { class: string; set: string; codePoint: string },
): boolean {
  return (
    exception.class === drawing.class &&
    (exception.sets?.includes(drawing.set) ?? true) &&
    (exception.codePoints?.includes(drawing.codePoint) ?? true)
  );
}
