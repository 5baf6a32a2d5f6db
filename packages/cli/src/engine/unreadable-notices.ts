import type { UnreadableImage } from "@csl/image-batches";
import type { Terminal } from "../terminal/terminal.js";

/** Told one by one; of more only the number, at the end. */
const TOLD = 5;

/**
 * Tells of images that could not be read when they are met, the first few by name: who trains for days should not
 * learn of a dead disk at the end.
 *
 * @returns what looks for new ones in the loaders' lists.
 */
export function unreadableNotices(
  lists: readonly (readonly UnreadableImage[])[],
  terminal: Terminal,
): () => void {
  const seen = lists.map(() => 0);
  let told = 0;
  return () => {
    for (const [i, list] of lists.entries()) {
      for (; seen[i]! < list.length; seen[i]!++) {
        if (told++ >= TOLD) continue;
        const { path, reason } = list[seen[i]!]!;
        const named = reason.includes(path) ? "" : `${path}: `;
        const more = told === TOLD ? " (further ones are only counted)" : "";
        terminal.info(`unreadable: ${named}${reason}${more}`);
      }
    }
  };
}
