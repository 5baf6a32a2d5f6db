import { changed, type Session, type SessionImage } from "../session.js";
import { byId, element } from "../ui/element.js";
import { say } from "../ui/messages.js";

/** Small copies of all images; one is current. An image's button stays the same element, so that it keeps the focus. */
export function createGallery(session: Session): () => void {
  const list = byId("gallery");
  const items = new Map<string, HTMLLIElement>();
  const itemOf = (image: SessionImage): HTMLLIElement => {
    const select = (): void => {
      session.selected = image;
      changed();
    };
    return element(
      "li",
      {},
      element(
        "button",
        { type: "button", class: "thumb", onclick: select },
        element("img", { src: image.url, alt: "" }),
        element("span", {}, image.name),
      ),
      element(
        "button",
        {
          type: "button",
          class: "remove",
          "aria-label": `Remove ${image.name}`,
          onclick: () => remove(session, image),
        },
        "×",
      ),
    );
  };
  return () => {
    list.hidden = session.images.length === 0;
    const known = new Set(session.images.map(({ id }) => id));
    for (const [id, item] of items)
      if (!known.has(id)) {
        item.remove();
        items.delete(id);
      }
    for (const image of session.images) {
      const item = items.get(image.id) ?? itemOf(image);
      if (!items.has(image.id)) list.append(item);
      items.set(image.id, item);
      const labelled = image.labels.size > 0;
      item.classList.toggle("labelled", labelled);
      const button = item.querySelector("button")!;
      button.title = labelled ? `${image.name}, labelled` : image.name;
      if (image === session.selected) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  };
}

function remove(session: Session, image: SessionImage): void {
  const at = session.images.indexOf(image);
  session.images.splice(at, 1);
  URL.revokeObjectURL(image.url);
  const next = session.images[Math.min(at, session.images.length - 1)];
  if (session.selected === image) session.selected = next;
  changed();
  say(`${image.name} was removed.`);
  // The button that had the focus is gone.
  const buttons = document.querySelectorAll<HTMLButtonElement>("#gallery .remove");
  (buttons[Math.min(at, buttons.length - 1)] ?? byId("files")).focus();
}
