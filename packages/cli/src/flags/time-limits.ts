/** A batch may wait for so many images that do not come, one after the other. */
const IMAGES = 5;

/**
 * How long the loaders wait, in milliseconds: for an image's file, which then counts as unreadable, and for a batch,
 * which ends the command. The second is for what the first cannot tell, such as a thread that hangs.
 *
 * @param options.imageTimeout seconds for an image; 0: for ever.
 */
export function timeLimits({ imageTimeout }: { imageTimeout: number }): {
  imageTimeout: number;
  timeout: number;
} {
  const milliseconds = imageTimeout * 1000;
  return { imageTimeout: milliseconds, timeout: IMAGES * milliseconds };
}
