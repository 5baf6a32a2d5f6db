/** A batch may wait for so many pictures that do not come, one after the other. */
const PICTURES = 5;

/**
 * How long the loaders wait, in milliseconds: for a picture's file, which then counts as unreadable, and for a batch,
 * which ends the command. The second is for what the first cannot tell, such as a thread that hangs.
 *
 * @param options.pictureTimeout seconds for a picture; 0: for ever.
 */
export function timeLimits({ pictureTimeout }: { pictureTimeout: number }): {
  pictureTimeout: number;
  timeout: number;
} {
  const milliseconds = pictureTimeout * 1000;
  return { pictureTimeout: milliseconds, timeout: PICTURES * milliseconds };
}
