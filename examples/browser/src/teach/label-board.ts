import { changed, type Session } from "../session.js";
import { byId, element } from "../ui/element.js";
import { say } from "../ui/messages.js";

const states = [
  { label: 1, name: "present" },
  { label: 0, name: "absent" },
  { label: undefined, name: "unknown" },
] as const;

/**
 * The current image with three choices per class. With the focus in it, 1 to 9 give a class its next state, N and P go to the
 * next and the previous image; outside of it the keys do nothing.
 */
export function createLabelBoard(session: Session): { node: HTMLElement; render(): void } {
  const image = element("img", { class: "large", alt: "" });
  const name = element("p", { id: "labelled-image" });
  const nothing = element(
    "p",
    { class: "note" },
    "Name a class and give the page an image: the choices come here.",
  );
  const rows = element("div");
  const board = element(
    "div",
    {
      ...{ class: "board", role: "group", tabindex: 0, "aria-labelledby": "labelled-image" },
      "aria-describedby": "board-keys",
      onkeydown: (event) => press(event as KeyboardEvent),
    },
    element(
      "p",
      { id: "board-keys", class: "note" },
      "Keys, with the focus here: ",
      element("kbd", {}, "1"),
      " to ",
      element("kbd", {}, "9"),
      " change a class from unknown to present to absent, ",
      element("kbd", {}, "N"),
      " and ",
      element("kbd", {}, "P"),
      " go to the next and the previous image.",
    ),
    image,
    name,
    rows,
    element(
      "div",
      { class: "row" },
      element("button", { type: "button", onclick: () => step(-1) }, "Previous image"),
      element("button", { type: "button", onclick: () => step(1) }, "Next image"),
    ),
  );

  function press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const key = event.key.toLowerCase();
    if (key === "n" || key === "p") step(key === "n" ? 1 : -1);
    else if (/^[1-9]$/.test(key) && session.classes[Number(key) - 1]) next(Number(key) - 1);
    else return;
    event.preventDefault();
  }

  function step(by: number): void {
    const { images, selected } = session;
    if (!selected || images.length === 0) return;
    session.selected = images[(images.indexOf(selected) + by + images.length) % images.length]!;
    changed();
    const marked = session.classes.map((one) => `${one.name} ${stateOf(one.id).name}`);
    say(`${session.selected.name}: ${marked.join(", ")}.`);
  }

  function next(index: number): void {
    const { id, name: of } = session.classes[index]!;
    const order = [undefined, 1, 0] as const;
    const label = session.selected?.labels.get(id);
    set(id, order[(order.indexOf(label) + 1) % order.length]);
    say(`${of}: ${stateOf(id).name}`);
  }

  function set(id: string, label: 0 | 1 | undefined): void {
    if (!session.selected) return;
    if (label === undefined) session.selected.labels.delete(id);
    else session.selected.labels.set(id, label);
    changed();
  }

  const stateOf = (id: string) => states.find(({ label }) => label === session.selected?.labels.get(id))!;

  let shown = "";
  const buildRows = (): void => {
    rows.replaceChildren(
      ...session.classes.map(({ id, name: of }, i) =>
        element(
          "fieldset",
          { class: "states" },
          element("legend", {}, element("kbd", {}, String(i + 1)), ` ${of}`),
          ...states.map(({ label, name: state }) =>
            element(
              "span",
              { class: "check" },
              element("input", {
                ...{ type: "radio", name: `label-${i}`, id: `label-${i}-${state}` },
                onchange: () => set(id, label),
              }),
              element("label", { for: `label-${i}-${state}` }, state),
            ),
          ),
        ),
      ),
    );
  };
  return {
    node: element("div", {}, nothing, board),
    render() {
      const { selected, classes } = session;
      board.hidden = !selected || classes.length === 0;
      nothing.hidden = !board.hidden;
      if (board.hidden) return;
      image.src = selected!.url;
      name.textContent = `${selected!.name}, image ${session.images.indexOf(selected!) + 1} of ${session.images.length}`;
      // Only when the classes change: a choice keeps its focus.
      const key = JSON.stringify(classes);
      if (key !== shown) buildRows();
      shown = key;
      for (const [i, { id }] of classes.entries())
        byIdWithin(rows, `label-${i}-${stateOf(id).name}`).checked = true;
    },
  };
}

const byIdWithin = (rows: HTMLElement, id: string): HTMLInputElement =>
  rows.querySelector<HTMLInputElement>(`#${id}`) ?? byId<HTMLInputElement>(id);
