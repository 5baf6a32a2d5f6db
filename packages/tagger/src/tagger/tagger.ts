import { CslError } from "@csl/internal/errors/csl-error";
import type { ModelDescription } from "@csl/internal/model-description/model-description";
import { mapInOrder } from "@csl/internal/work/job-queue";
import { Batcher } from "./batcher.js";
import type { Network } from "./network.js";
import { checkTagOptions, type TaggerOptions, type TagOptions } from "./options.js";
import { pickTags, type Tag } from "./pick-tags.js";

/** What an image shows. */
export interface ImageTags {
  /** Best first; empty when no class is above its threshold. */
  tags: Tag[];
}

/** A model that is ready to tag images. */
export interface Tagger<Input> {
  /** What the model says about itself: classes, thresholds, size, its card. */
  readonly description: ModelDescription;
  /**
   * Tags an image, or several. Calls that come at the same time run together, up to `batchSize` images.
   *
   * @throws CslError `invalid-file` and the like for an image that cannot be read; of several images none has tags then.
   */
  tag(image: Input, options?: TagOptions): Promise<ImageTags>;
  tag(images: readonly Input[], options?: TagOptions): Promise<ImageTags[]>;
  /** Frees the model. Calls that have not run are rejected with `closed`. */
  dispose(): Promise<void>;
}

/** The pixels of an image as the network takes them: [size, size, 3]. */
export type PixelsOf<Input> = (image: Input, size: number, signal?: AbortSignal) => Promise<Uint8Array>;

/** Where the options do not say it: larger batches gain little on a CPU. */
const BATCH_SIZE = 8;

/** A tagger on a network that is ready, with the way to read images of this platform. */
export function taggerOf<Input>(
  network: Network,
  pixelsOf: PixelsOf<Input>,
  { batchSize = BATCH_SIZE, batchDelay = 0, threshold, top }: TaggerOptions,
): Tagger<Input> {
  const { description } = network;
  const batcher = new Batcher(network, { batchSize, batchDelay });
  let disposed: Promise<void> | undefined;

  async function tagOne(image: Input, options: TagOptions): Promise<ImageTags> {
    const pixels = await pixelsOf(image, description.imageSize, options.signal);
    const logits = await batcher.run(pixels, options.signal);
    return { tags: pickTags(logits, description, { threshold, top, ...given(options) }) };
  }

  /** Reads no more images ahead than fill the batch that runs and the next one. */
  async function tagAll(images: readonly Input[], options: TagOptions): Promise<ImageTags[]> {
    const tagged: ImageTags[] = [];
    const work = (i: number): Promise<ImageTags> => tagOne(images[i]!, options);
    for await (const [, one] of mapInOrder(0, images.length, 2 * batchSize, work)) tagged.push(one);
    return tagged;
  }

  async function tag(image: Input | readonly Input[], options: TagOptions = {}): Promise<unknown> {
    checkTagOptions(options);
    if (disposed) throw new CslError("closed", "tag: expected a tagger in use, got one that was disposed.");
    options.signal?.throwIfAborted();
    return Array.isArray(image) ? tagAll(image, options) : tagOne(image as Input, options);
  }

  return {
    description,
    tag: tag as Tagger<Input>["tag"], // the overloads differ in what is returned only
    dispose() {
      disposed ??= batcher.close().then(() => network.dispose());
      return disposed;
    },
  };
}

/** Options that were left out do not hide those of the tagger. */
function given({ threshold, top }: TagOptions): TagOptions {
  return { ...(threshold !== undefined && { threshold }), ...(top !== undefined && { top }) };
}
