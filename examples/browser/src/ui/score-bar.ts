import { element } from "./element.js";

/** A score from 0 to 1 as a number beside a bar; the number is for everybody, the bar for eyes. */
export function scoreBar(score: number, { threshold }: { threshold?: number } = {}): HTMLElement {
  const bar = element("span", { class: "bar", "aria-hidden": "true" });
  // Set as properties: the page's policy allows no style attributes in markup.
  const fill = element("span", { class: "fill" });
  fill.style.width = `${score * 100}%`;
  bar.append(fill);
  if (threshold !== undefined) {
    const mark = element("span", { class: "mark" });
    mark.style.left = `${threshold * 100}%`;
    bar.append(mark);
  }
  return element("span", { class: "score" }, bar, element("span", { class: "number" }, score.toFixed(3)));
}
