import type { Networks } from "../compute/networks.js";
import { addImages } from "../images/add-images.js";
import { onChange, type Session } from "../session.js";
import { complain, say } from "../ui/messages.js";
import { restore, save } from "./saved.js";

/** Milliseconds after the last change: many come in a row. */
const pause = 300;

/** Brings back what the browser kept, and keeps what changes from now on. */
export async function keepWork(session: Session, networks: Networks): Promise<void> {
  const saved = await restore();
  if (saved) {
    session.classes.push(...saved.classes);
    const [{ sha256 }] = session.models.models;
    if (saved.head && saved.head.body !== sha256)
      complain(
        "The head that was kept is for another model's features: the models of the page were replaced. Train it again; the labels are here.",
      );
    else session.head = saved.head;
    if (saved.images.length > 0) {
      await addImages(session, networks, saved.images);
      say(
        `${saved.images.length} labelled images and ${saved.classes.length} classes are here from the last time.`,
      );
    }
  }
  let kept = fingerprint(session);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let complained = false;
  onChange(() => {
    const now = fingerprint(session);
    if (now === kept) return;
    kept = now;
    clearTimeout(timer);
    timer = setTimeout(() => {
      save(session).catch((error) => {
        if (!complained) complain(error); // once is enough
        complained = true;
      });
    }, pause);
  });
}

/** What would be kept, as far as it can change. */
function fingerprint({ classes, images, head }: Session): string {
  const labels = images.filter((image) => image.labels.size > 0).map(({ id, labels }) => [id, ...labels]);
  return JSON.stringify([classes, labels, head?.bias.join()]);
}
