import { clear, get, set } from "idb-keyval";
import type { NewImage } from "../images/add-images.js";
import type { Session } from "../session.js";
import type { Head, OwnClass } from "./head.js";

const key = "taught";

/** What is kept in the browser (IndexedDB): classes, labelled images, the head. */
export interface Saved {
  classes: OwnClass[];
  head: Head | undefined;
  images: Required<Pick<NewImage, "blob" | "name" | "id" | "labels">>[];
}

/** @throws Error in words: a full disk, a browser that keeps nothing */
export async function save({ classes, head, images }: Session): Promise<void> {
  const labelled = images.filter(({ labels }) => labels.size > 0);
  const saved: Saved = {
    classes,
    head,
    images: labelled.map(({ id, name, blob, labels }) => ({ id, name, blob, labels })),
  };
  try {
    await set(key, saved);
  } catch (cause) {
    throw new Error(explain(cause), { cause });
  }
}

/** Nothing where nothing was kept, or where the browser does not let the page look. */
export async function restore(): Promise<Saved | undefined> {
  return get<Saved>(key).catch(() => undefined);
}

export async function forget(): Promise<void> {
  await clear();
}

function explain(cause: unknown): string {
  const { name, message } = cause as DOMException;
  const lost = "What you label and train is lost when the page is closed; download the head before.";
  if (name === "QuotaExceededError")
    return `The browser has no room left for this page's images. Remove some, or free space on the disk. ${lost}`;
  return `The browser does not keep data for this page (${message}); it may be a private window. ${lost}`;
}
