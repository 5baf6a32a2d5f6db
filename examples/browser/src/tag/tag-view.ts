import type { Session, SessionImage } from "../session.js";
import { headLogits } from "../teach/head.js";
import { byId, element } from "../ui/element.js";
import { scoreBar } from "../ui/score-bar.js";
import { pickTags, type Tag } from "./pick-tags.js";

/** The tags of the current image, of the first model and of the person's own head. */
export function createTagView(session: Session): () => void {
  const panel = byId("panel-tag");
  return () => {
    const image = session.selected;
    if (!image) {
      panel.replaceChildren(
        element("p", { class: "note" }, "Give the page an image, and its tags come here."),
      );
      return;
    }
    const [model] = session.models.models;
    const tags = pickTags(image.logits.get(model.id)!, session.models);
    panel.replaceChildren(
      element(
        "div",
        { class: "beside" },
        element(
          "figure",
          {},
          element("img", { class: "large", src: image.url, alt: describe(image, tags) }),
          element("figcaption", {}, image.name),
        ),
        element(
          "div",
          {},
          element("h2", {}, "Tags"),
          tagList(tags, `Tags of ${image.name}`),
          ...(session.models.manifest.small ? [smallNote()] : []),
          ...ownTags(session, image),
        ),
      ),
    );
  };
}

const describe = ({ name }: SessionImage, tags: readonly Tag[]): string =>
  `${name}: ${tags.map((tag) => tag.name).join(", ")}`;

function tagList(tags: readonly Tag[], label: string): HTMLElement {
  return element(
    "ul",
    { class: "tags", "aria-label": label },
    ...tags.map((tag) =>
      element(
        "li",
        {},
        element("span", { class: "name" }, tag.name),
        scoreBar(tag.score, { threshold: tag.threshold }),
        tag.below &&
          element(
            "span",
            { class: "note" },
            `below its threshold of ${tag.threshold.toFixed(2)}: no class is above its own`,
          ),
      ),
    ),
  );
}

function ownTags({ head }: Session, image: SessionImage): HTMLElement[] {
  if (!head) return [];
  const classes = { classes: head.classes, thresholds: new Float32Array(head.classes.length) };
  return [
    element("h2", {}, "By your own head"),
    tagList(pickTags(headLogits(head, image.features), classes), `Tags of ${image.name} by your own head`),
  ];
}

function smallNote(): HTMLElement {
  return element(
    "p",
    { class: "note" },
    "These models are of the quick start with --small: they have seen too few images to tag well.",
  );
}
