import type { Session, SessionImage } from "../session.js";
import { sigmoid } from "../tag/pick-tags.js";
import { element } from "../ui/element.js";
import { scoreBar } from "../ui/score-bar.js";
import { type Head, headLogits } from "./head.js";

const answers = { 1: "you: present", 0: "you: absent" } as const;

/** What the head says about all images, beside what the person said. */
export function headScores({ head, images }: Session): HTMLElement[] {
  if (!head || images.length === 0) return [];
  return [
    element(
      "div",
      { class: "table", tabindex: 0, role: "region", "aria-label": "Scores of your head" },
      element(
        "table",
        { id: "head-scores" },
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            element("th", { scope: "col" }, "Image"),
            ...head.classes.map(({ name }) => element("th", { scope: "col" }, name)),
          ),
        ),
        element("tbody", {}, ...images.map((image) => row(head, image))),
      ),
    ),
  ];
}

function row(head: Head, image: SessionImage): HTMLElement {
  const logits = headLogits(head, image.features);
  return element(
    "tr",
    {},
    element(
      "th",
      { scope: "row" },
      element("img", { class: "tiny", src: image.url, alt: "" }),
      ` ${image.name}`,
    ),
    ...head.classes.map(({ id }, c) => {
      const label = image.labels.get(id);
      const wrong = label !== undefined && Number(logits[c]! > 0) !== label;
      return element(
        "td",
        {},
        scoreBar(sigmoid(logits[c]!)),
        label !== undefined &&
          element("span", { class: wrong ? "bad" : "note" }, `${answers[label]}${wrong ? ", differs" : ""}`),
      );
    }),
  );
}
