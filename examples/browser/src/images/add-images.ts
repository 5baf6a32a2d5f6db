import { resize } from "@csl/image-batches/browser";
import type { Networks } from "../compute/networks.js";
import { changed, type Session, type SessionImage } from "../session.js";
import { complain, plural, say } from "../ui/messages.js";
import { decodeImage } from "./decode-image.js";

/** An image that comes into the page. */
export interface NewImage {
  blob: Blob;
  name: string;
  id?: string;
  shows?: ReadonlySet<string>;
  labels?: Map<string, 0 | 1>;
}

/** The pixels that a network gets: the whole image in a square, as for the training. */
export async function squarePixels(blob: Blob, name: string, side: number): Promise<Uint8Array> {
  return resize(await decodeImage(blob, name), { width: side, height: side }).data;
}

/** Decodes and tags images and shows the first one. What is no image is named, and the others are added. */
export async function addImages(
  session: Session,
  networks: Networks,
  added: readonly NewImage[],
): Promise<void> {
  const [{ side }] = session.models.models;
  say(`Reading ${plural(added.length, "image")} …`);
  const decoded: (NewImage & { pixels: Uint8Array })[] = [];
  for (const image of added)
    try {
      decoded.push({ ...image, pixels: await squarePixels(image.blob, image.name, side) });
    } catch (error) {
      complain(error);
    }
  const started = performance.now();
  const answers = await networks.answer(decoded.map(({ pixels }) => pixels));
  const made = decoded.map(
    (image, i): SessionImage => ({
      ...image,
      id: image.id ?? newId(),
      url: URL.createObjectURL(image.blob),
      labels: image.labels ?? new Map(),
      ...answers[i]!,
    }),
  );
  session.images.push(...made);
  session.selected = made[0] ?? session.selected;
  const left = added.length - made.length;
  if (made.length === 0) say("No image was added.");
  else
    say(
      `${plural(made.length, "image")} added, tagged by ${plural(session.models.models.length, "model")} in ` +
        `${Math.round(performance.now() - started)} ms.${left > 0 ? ` ${left} could not be read.` : ""}`,
    );
  changed();
}

let count = 0;

/** Also on a page that is not served by https, which has no `crypto.randomUUID`. */
const newId = (): string => `${Date.now().toString(36)}-${count++}`;

/** Computes all images again, on another engine. */
export async function answerAgain(session: Session, networks: Networks): Promise<void> {
  const answers = await networks.answer(session.images.map(({ pixels }) => pixels));
  for (const [i, image] of session.images.entries()) Object.assign(image, answers[i]);
  changed();
}
