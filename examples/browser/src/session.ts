import type { Models } from "./models/load-models.js";
import type { Head, OwnClass } from "./teach/head.js";

/** An image that a person gave, or one of the quick start. */
export interface SessionImage {
  id: string;
  name: string;
  blob: Blob;
  /** Where `img` finds it. */
  url: string;
  /** RGB, [side, side, 3], resized as for the training. */
  pixels: Uint8Array;
  /** Ids of the classes that it shows, where they are known. */
  shows?: ReadonlySet<string>;
  /** By model: a logit per class. */
  logits: ReadonlyMap<string, Float32Array>;
  /** Pooled features of the body, which a head is trained on. */
  features: Float32Array;
  /** What a person said, by the id of a class of their own: 1 present, 0 absent. A class that is not here is un-annotated. */
  labels: Map<string, 0 | 1>;
}

/** What the page holds. Whoever changes it calls `changed`. */
export interface Session {
  models: Models;
  images: SessionImage[];
  selected: SessionImage | undefined;
  classes: OwnClass[];
  head: Head | undefined;
}

const listeners = new Set<() => void>();

export function onChange(listener: () => void): void {
  listeners.add(listener);
}

export function changed(): void {
  for (const listener of listeners) listener();
}
