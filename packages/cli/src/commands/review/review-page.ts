import { createHash } from "node:crypto";
import { dataScript, html } from "../../pages/html.js";
import { page } from "../../pages/page.js";
import { askReviewer } from "./browser/ask-reviewer.js";
import type { PageImages } from "./page-images.js";
import { csvParts, type ReviewedLabels, reviewHeading } from "./review-csv.js";

/**
 * The questions as a page that is one file: one image at a time, answered by buttons or keys; the answers are kept in the
 * browser and saved as a file for `csl review --apply`.
 */
export function reviewPage(
  { items, images, numbers }: PageImages,
  { data, ...review }: ReviewedLabels & { data: string },
): string {
  const questions = items.map((item) => {
    const { kind, image, classId, className, label, probability } = item;
    return {
      ...{ kind, image, shown: numbers.get(image)!, name: className, label, probability },
      ...(classId !== className && { id: classId }),
      csv: csvParts(item, review),
    };
  });
  const key = createHash("sha256").update(JSON.stringify(questions)).digest("hex");
  const known = items.filter(({ kind }) => kind === "known").length;
  return page({
    generator: "csl review",
    title: `Review of labels: ${review.split}`,
    lead: html`<p class="note">${items.length} questions about ${data}: ${known} annotated entries that may be wrong, ${items.length - known} that are not annotated. Labels ${review.labels.slice(0, 12)}.</p>`,
    sections: [
      { id: "question", title: "Question", body: questionMarkup },
      { id: "answers", title: "Answers", body: answersMarkup },
    ],
    style,
    scripts: [askReviewer],
  }).replace(
    "</main>",
    () => `${dataScript("review-data", { key, heading: reviewHeading, images, questions })}\n</main>`,
  );
}

const questionMarkup = html`<p class="choose"><label for="which">Ask about</label> <select id="which"><option value="">all questions</option><option value="known">annotated entries</option><option value="unknown">un-annotated entries</option></select> <span id="progress" class="note"></span></p>
<progress id="bar" max="1" value="0" aria-label="answered"></progress>
<div id="card" class="card">
<img id="image" alt="">
<div class="ask">
<h3 id="text"></h3>
<p id="now" class="note"></p>
<div class="buttons" role="group" aria-labelledby="text">
<button type="button" id="yes" aria-keyshortcuts="y"><b>Yes</b> <kbd>Y</kbd></button>
<button type="button" id="no" aria-keyshortcuts="n"><b>No</b> <kbd>N</kbd></button>
<button type="button" id="skip" aria-keyshortcuts="s"><b>Skip</b> <kbd>S</kbd></button>
</div>
<div class="buttons"><button type="button" id="back" aria-keyshortcuts="ArrowLeft">Back <kbd>←</kbd></button><button type="button" id="next" aria-keyshortcuts="ArrowRight">Next <kbd>→</kbd></button></div>
<details><summary>What the labels and the model say</summary><dl class="pairs" id="about"></dl></details>
</div>
</div>
<p id="said" class="hidden" role="status"></p>`;

const answersMarkup = html`<p id="counts"></p>
<p class="buttons"><button type="button" id="save" aria-keyshortcuts="d">Download answers.csv <kbd>D</kbd></button><button type="button" id="forget">Forget all answers</button></p>
<p class="note" id="kept"></p>
<p class="note">Then: <code>csl review --apply answers.csv --data … --out new-labels</code>. It writes new labels and changes none of yours.</p>`;

const style = `
.card{display:grid;grid-template-columns:minmax(0,420px) minmax(0,1fr);gap:20px;align-items:start;margin-top:12px}
.card img{width:100%;aspect-ratio:1;object-fit:contain;background:var(--panel);border:1px solid var(--line);border-radius:8px}
.card h3{font-size:1.25rem}
.buttons{display:flex;gap:10px;flex-wrap:wrap;margin:0 0 12px}
.buttons button{min-height:44px;padding:8px 18px;border:1px solid var(--line);border-radius:8px;background:var(--panel);color:var(--ink);cursor:pointer}
.ask>.buttons:first-of-type button{flex:1 1 90px}
.buttons button[aria-pressed=true]{border-color:var(--accent);box-shadow:inset 0 0 0 2px var(--accent)}
kbd{font:.8em ui-monospace,"DejaVu Sans Mono",monospace;color:var(--faint);border:1px solid var(--line);border-radius:4px;padding:1px 5px}
select{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:5px 9px}
progress{appearance:none;display:block;width:100%;height:8px;border:0;border-radius:4px;overflow:hidden;background:var(--line)}
progress::-webkit-progress-bar{background:var(--line)}
progress::-webkit-progress-value{background:var(--accent)}
progress::-moz-progress-bar{background:var(--accent)}
.buttons button:disabled{opacity:.45;cursor:default}
.note code{white-space:normal}
.choose{display:flex;gap:10px;align-items:center;flex-wrap:wrap}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
[hidden]{display:none}
@media (hover:none){kbd{display:none}}
@media (max-width:700px){.card{grid-template-columns:minmax(0,1fr);gap:12px}.card img{max-height:46vh}header{padding-top:10px}section{margin:10px 0}}`;
