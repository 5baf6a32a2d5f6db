import type { Session, SessionImage } from "../session.js";
import { byId, element } from "../ui/element.js";
import { plural } from "../ui/messages.js";
import { scoreBar } from "../ui/score-bar.js";
import { type ClassComparison, compareClasses, type Tally, tallyOf } from "./differences.js";

/** What CSL, Ignore and Negative say about the current image, class by class. */
export function createCompareView(session: Session): () => void {
  const cut = element("input", {
    ...{ id: "cut", type: "range", min: 0.05, max: 0.95, step: 0.05, value: 0.5 },
    oninput: () => render(),
  });
  const cutNumber = element("output", { for: "cut" });
  const only = element("input", { id: "only-different", type: "checkbox", onchange: () => render() });
  const result = element("div");
  byId("panel-compare").replaceChildren(
    element("h2", {}, "Three trainings on the same labels"),
    element(
      "p",
      {},
      "Of each class a few images were annotated, the rest was left open. Ignore leaves open labels out of the training, " +
        "Negative counts them as absent, CSL ignores those that are probably present and counts the rest as absent.",
    ),
    quickStartScores(session),
    element(
      "div",
      { class: "row" },
      element("label", { for: "cut" }, "Present above"),
      cut,
      cutNumber,
      element(
        "span",
        { class: "check" },
        only,
        element("label", { for: "only-different" }, "Only where they differ"),
      ),
    ),
    result,
  );
  const render = (): void => {
    cutNumber.textContent = cut.value;
    const image = session.selected;
    result.replaceChildren(
      ...(image
        ? comparison(session, image, { cut: Number(cut.value), only: only.checked })
        : [element("p", { class: "note" }, "Give the page an image to compare.")]),
    );
  };
  return render;
}

function quickStartScores({ models: { models, manifest } }: Session): HTMLElement {
  const scores = models.map(({ name, mapC }) => `${name} ${(100 * mapC).toFixed(1)}`).join(", ");
  const note = manifest.small
    ? " They were trained on so few images (--small) that these numbers, and the scores below, mean nothing."
    : "";
  return element(
    "p",
    { class: "note" },
    `mAP(C) on new images of the quick start, in percent: ${scores}. It does not depend on where "present" begins; ` +
      `the scores of the three are on scales of their own, those of Negative on a low one.${note}`,
  );
}

function comparison(
  { models, images }: Session,
  image: SessionImage,
  { cut, only }: { cut: number; only: boolean },
): HTMLElement[] {
  const names = models.models.map(({ name }) => name);
  const rows = compareClasses(image, models.classes, cut);
  const different = rows.filter(({ differs }) => differs);
  return [
    element(
      "div",
      { class: "row" },
      element("img", { class: "small", src: image.url, alt: "" }),
      element(
        "p",
        {},
        `${image.name}: the three differ on ${different.length} of ${plural(rows.length, "class").replace("classs", "classes")}` +
          `${different.length > 0 ? `: ${different.map(({ name }) => name).join(", ")}` : ""}.`,
      ),
    ),
    ...tallyNote(tallyOf(images, models.classes, cut), names),
    table(only ? different : rows, names, image, cut),
  ];
}

function tallyNote({ images, shown, models }: Tally, names: readonly string[]): HTMLElement[] {
  if (images === 0) return [];
  const parts = models.map(({ found, wrong }, i) => `${names[i]} ${found} and ${wrong} wrong ones`);
  return [
    element(
      "p",
      { class: "note" },
      `Of the ${shown} classes that ${plural(images, "image")} of the quick start show, above this score: ${parts.join(", ")}.`,
    ),
  ];
}

function table(
  rows: readonly ClassComparison[],
  names: readonly string[],
  { name, shows }: SessionImage,
  cut: number,
): HTMLElement {
  const head = ["Class", ...names, ...(shows ? ["Shown"] : [])];
  return element(
    "div",
    { class: "table", tabindex: 0, role: "region", "aria-label": `Scores of ${name}` },
    element(
      "table",
      {},
      element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
      element(
        "tbody",
        {},
        ...rows.map((row) =>
          element(
            "tr",
            { class: row.differs ? "differs" : undefined },
            element(
              "th",
              { scope: "row" },
              row.name,
              row.differs && element("span", { class: "mark-text" }, "differ"),
            ),
            ...row.scores.map((score) =>
              element("td", { class: score > cut ? "present" : undefined }, scoreBar(score)),
            ),
            ...(row.shown === undefined ? [] : [element("td", {}, row.shown ? "yes" : "no")]),
          ),
        ),
      ),
    ),
  );
}
