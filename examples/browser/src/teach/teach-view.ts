import { inTurn } from "../compute/compute.js";
import { changed, type Session } from "../session.js";
import { byId, element } from "../ui/element.js";
import { attempt, clearComplaints, complain, plural, say } from "../ui/messages.js";
import { labelledImages, problemOfLabels } from "./check-labels.js";
import { createClassList } from "./class-list.js";
import { crossCheck } from "./cross-check.js";
import { createCurve } from "./curve.js";
import { headFile } from "./head-file.js";
import { headScores } from "./head-scores.js";
import { createLabelBoard } from "./label-board.js";
import { policies } from "./policies.js";
import { forget } from "./saved.js";
import { trainHead } from "./train-head.js";

const steps = 150;

/** Classes of one's own, labels, the training, and what came of it. */
export function createTeachView(session: Session): () => void {
  const classList = createClassList(session);
  const board = createLabelBoard(session);
  const policy = element(
    "select",
    { id: "policy", onchange: () => explainPolicy() },
    ...Object.entries(policies).map(([value, { title }]) => element("option", { value }, title)),
  );
  const policyNote = element("p", { id: "policy-note", class: "note" });
  const explainPolicy = (): void => {
    policyNote.textContent = policies[policy.value]!.note;
  };
  explainPolicy();
  const button = element("button", { type: "button", id: "train", class: "primary" }, "Train the head");
  const curve = element("div");
  const outcome = element("p", { id: "outcome", role: "status" });
  const scores = element("div");
  const download = element("button", { type: "button", id: "download" }, "Download the model");
  const erase = element("button", { type: "button", id: "forget" }, "Forget all of it");
  button.addEventListener("click", () => {
    clearComplaints();
    const problem = problemOfLabels(session, policy.value);
    if (problem) {
      complain(problem);
      return;
    }
    button.disabled = true;
    void train()
      .catch(complain)
      .finally(() => {
        button.disabled = false;
      });
  });
  download.addEventListener("click", () => attempt(async () => saveFile(session)));
  erase.addEventListener("click", () =>
    attempt(async () => {
      session.classes.length = 0;
      session.head = undefined;
      for (const { labels } of session.images) labels.clear();
      curve.replaceChildren();
      outcome.textContent = "";
      await forget();
      changed();
      say("Classes, labels and head are forgotten.");
      byId("class-name").focus();
    }),
  );

  async function train(): Promise<void> {
    const { images, labels } = labelledImages(session);
    const classes = session.classes.map((one) => ({ ...one }));
    const unannotated = policies[policy.value]!.make(classes.length);
    const task = { features: images.map(({ features }) => features), labels, unannotated, steps };
    const drawn = createCurve(steps);
    curve.replaceChildren(drawn.node);
    say(`Training on ${plural(images.length, "image")} …`);
    let [first, last] = [Number.NaN, Number.NaN];
    const onStep = (step: number, loss: number): void => {
      if (step === 1) first = loss;
      last = loss;
      drawn.add(step, loss);
    };
    const started = performance.now();
    const { head, checked } = await inTurn(async () => ({
      head: await trainHead({ ...task, onStep }),
      checked: await crossCheck(task),
    }));
    const seconds = (performance.now() - started) / 1000;
    session.head = { ...head, classes, body: session.models.models[0].sha256 };
    outcome.textContent =
      `Trained on ${plural(images.length, "image")} in ${seconds.toFixed(1)} s; the loss went from ` +
      `${first.toFixed(3)} to ${last.toFixed(3)}. Of images that a head had not seen, it got ` +
      `${checked.right} of ${plural(checked.of, "label")} right.`;
    changed();
    say("The head is trained.");
  }

  byId("panel-teach").replaceChildren(
    element("h2", {}, "Teach classes of your own"),
    element(
      "p",
      {},
      "Name classes, say for some images which they show, and train. The body of the CSL model stays as it is; a new last layer, " +
        "the head, is trained on what the body sees. You need not answer for every class: what you leave unknown is an " +
        "un-annotated label.",
    ),
    element(
      "div",
      { class: "beside" },
      element(
        "div",
        {},
        element("h3", {}, "1. Classes"),
        classList.node,
        element("h3", {}, "2. Labels"),
        board.node,
      ),
      element(
        "div",
        {},
        element("h3", {}, "3. Training"),
        element("div", {}, element("label", { for: "policy" }, "Unknown labels")),
        policy,
        policyNote,
        element("div", { class: "row" }, button),
        curve,
        outcome,
        scores,
        element("div", { class: "row" }, download, erase),
        element(
          "p",
          { class: "note" },
          "Classes, labelled images and the head are kept in this browser (IndexedDB) and sent nowhere. The download is the whole " +
            "model as a safetensors file, which ",
          element("code", {}, "csl infer --th 0.5 --model-path"),
          " takes.",
        ),
      ),
    ),
  );
  return () => {
    classList.render();
    board.render();
    download.disabled = session.head === undefined;
    erase.disabled = session.classes.length === 0 && session.head === undefined;
    scores.replaceChildren(...headScores(session));
  };
}

function saveFile({ head, models }: Session): void {
  if (!head) return;
  const file = new Blob([headFile(head, models.models[0]) as Uint8Array<ArrayBuffer>]);
  const url = URL.createObjectURL(file);
  element("a", { href: url, download: "my-classes.safetensors" }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  say("my-classes.safetensors goes to your downloads.");
}
