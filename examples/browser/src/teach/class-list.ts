import { changed, type Session } from "../session.js";
import { element } from "../ui/element.js";
import { complain, say } from "../ui/messages.js";
import type { OwnClass } from "./head.js";

/** Each class has a digit on the keyboard. */
const mostClasses = 9;

/** Where classes are named and removed. */
export function createClassList(session: Session): { node: HTMLElement; render(): void } {
  const input = element("input", {
    ...{ id: "class-name", type: "text", maxlength: 40, autocomplete: "off", required: true },
  });
  const list = element("ul", { class: "classes", "aria-label": "Your classes" });
  const form = element(
    "form",
    { class: "row", onsubmit: submit },
    element("label", { for: "class-name" }, "New class"),
    input,
    element("button", { type: "submit" }, "Add"),
  );
  function submit(event: Event): void {
    event.preventDefault();
    const name = input.value.trim();
    const problem = problemOf(name, session.classes);
    if (problem) {
      complain(problem);
      return;
    }
    session.classes.push({ id: freeId(name, session.classes), name });
    input.value = "";
    say(`${name} was added; its key is ${session.classes.length}.`);
    changed();
  }
  const remove = (one: OwnClass): void => {
    session.classes.splice(session.classes.indexOf(one), 1);
    for (const { labels } of session.images) labels.delete(one.id);
    say(`${one.name} was removed, with its labels.`);
    changed();
    input.focus();
  };
  return {
    node: element("div", {}, form, list),
    render() {
      list.replaceChildren(
        ...session.classes.map((one, i) =>
          element(
            "li",
            {},
            element("kbd", {}, String(i + 1)),
            ` ${one.name} `,
            element("span", { class: "note" }, counts(session, one)),
            element(
              "button",
              {
                type: "button",
                class: "remove",
                "aria-label": `Remove the class ${one.name}`,
                onclick: () => remove(one),
              },
              "×",
            ),
          ),
        ),
      );
    },
  };
}

function problemOf(name: string, classes: readonly OwnClass[]): string | undefined {
  if (name === "") return "A class needs a name.";
  if (classes.some((one) => one.name === name)) return `There is a class ${name} already.`;
  if (classes.length >= mostClasses) return `At most ${mostClasses} classes: each has a digit as its key.`;
  return undefined;
}

/** Readable, and never that of another class, also of one that was removed: labels go by it. */
function freeId(name: string, classes: readonly OwnClass[]): string {
  const base = name.toLowerCase().replace(/\s+/g, "-");
  let id = base;
  for (let n = 2; classes.some((one) => one.id === id); n++) id = `${base}-${n}`;
  return id;
}

function counts({ images }: Session, { id }: OwnClass): string {
  const given = images.map(({ labels }) => labels.get(id));
  const count = (label: 0 | 1 | undefined): number => given.filter((one) => one === label).length;
  return `${count(1)} present, ${count(0)} absent, ${count(undefined)} open`;
}
