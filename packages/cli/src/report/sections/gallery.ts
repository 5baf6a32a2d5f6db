import { type Html, html } from "../../pages/html.js";
import type { Section } from "../../pages/page.js";
import type { ReportData, Shown } from "../report-data.js";
import { type GalleryKind, galleryKinds } from "../scored-images.js";

/** What each kind is. */
export const galleryTitles: Record<GalleryKind, { title: string; note: string }> = {
  hits: { title: "Hits", note: "annotated as present, with the highest probabilities" },
  misses: {
    title: "Misses",
    note: "annotated as present, with the lowest probabilities: hard, small, or wrongly annotated",
  },
  falseAlarms: { title: "False alarms", note: "annotated as absent, with the highest probabilities" },
  surprises: {
    title: "Surprising un-annotated tags",
    note: "nobody has said whether the class is there; the model is sure",
  },
};

export const galleryStyle = ".gallery{margin:0 0 18px}.thumbs .probability{color:var(--faint)}";

/** Images of the validation worth a look, one for each class at most. */
export function gallerySection({ facts, validation }: ReportData): Section | undefined {
  if (!validation) return undefined;
  return {
    id: "gallery",
    title: "Gallery",
    body: html`<p class="note">Images of the last validation in small, as the network gets them (made square). No class and no image twice in a row of images.</p>
${galleryKinds.map((kind) => rowOf(kind, validation.gallery[kind], facts.classes.names))}`,
  };
}

function rowOf(kind: GalleryKind, entries: readonly Shown[], names: readonly string[]): Html {
  const { title, note } = galleryTitles[kind];
  const items = entries.map(({ classIndex, probability, image, src }) => {
    const name = names[classIndex]!;
    const chance =
      probability > 0.999
        ? "> 99.9 %"
        : probability < 0.001
          ? "< 0.1 %"
          : `${(100 * probability).toFixed(1)} %`;
    return html`<li><img src="${src}" alt="${name}" width="96" height="96"><b title="${name}">${name}</b><span class="probability" title="${image}">${chance}</span></li>`;
  });
  const empty = html`<p class="note">None: the validation has no such entries.</p>`;
  return html`<div class="gallery"><h3>${title} <span class="note">${note}</span></h3>${
    items.length > 0 ? html`<ul class="thumbs">${items}</ul>` : empty
  }</div>`;
}
