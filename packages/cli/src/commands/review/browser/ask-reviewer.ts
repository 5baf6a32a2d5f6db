/**
 * Runs in the browser: shows one question after the other, keeps the answers, saves them as a file. Uses nothing from outside of
 * itself.
 */
export function askReviewer(): void {
  type Answer = "yes" | "no" | "skip";
  interface Question {
    kind: "known" | "unknown";
    image: string;
    /** Number of its image. */
    shown: number;
    name: string;
    id?: string;
    label: number;
    probability: number;
    csv: [before: string, after: string];
  }
  interface Data {
    key: string;
    heading: string;
    images: string[];
    questions: Question[];
  }
  const element = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;
  const { key, heading, images, questions } = JSON.parse(element("review-data").textContent!) as Data;
  /** Longer than this nobody looked at one image: the person was away. */
  const LONGEST = 60;
  const store = `csl-review ${key}`;
  /** Answers and their seconds by the number of the question. */
  let given: Record<number, [Answer, number]> = {};
  let kept = true;
  try {
    given = JSON.parse(localStorage.getItem(store) ?? "{}") as typeof given;
  } catch {
    kept = false;
  }
  let shown: number[] = questions.map((_, i) => i);
  let at = 0;
  let since = performance.now();
  const buttons: Record<Answer, HTMLButtonElement> = {
    yes: element("yes"),
    no: element("no"),
    skip: element("skip"),
  };
  const which = element<HTMLSelectElement>("which");

  const firstOpen = (): number => {
    const open = shown.findIndex((number) => !given[number]);
    return open < 0 ? shown.length : open;
  };
  const keep = (): void => {
    try {
      localStorage.setItem(store, JSON.stringify(given));
    } catch {
      kept = false;
    }
  };
  const line = (term: string, text: string): Node[] => {
    const [dt, dd] = [document.createElement("dt"), document.createElement("dd")];
    dt.textContent = term;
    dd.textContent = text;
    return [dt, dd];
  };

  const paint = (): void => {
    const number = shown[at];
    const question = number === undefined ? undefined : questions[number];
    const done = shown.filter((one) => given[one]).length;
    element<HTMLImageElement>("image").hidden = !question;
    element("about").parentElement!.hidden = !question;
    for (const button of Object.values(buttons)) button.disabled = !question;
    element<HTMLButtonElement>("back").disabled = at === 0;
    element<HTMLButtonElement>("next").disabled = !question;
    element("progress").textContent = `${done} of ${shown.length} answered`;
    const bar = element<HTMLProgressElement>("bar");
    bar.max = Math.max(1, shown.length);
    bar.value = done;
    const text = question ? `Is there “${question.name}” in this image?` : "That was the last question.";
    element("text").textContent = text;
    element("now").textContent = question
      ? `Question ${at + 1} of ${shown.length}${given[number!] ? `; you said ${given[number!]![0]}` : ""}`
      : "Download the answers below, or go back to change one.";
    element("said").textContent = question ? `Question ${at + 1}: ${text}` : text;
    for (const [answer, button] of Object.entries(buttons))
      button.setAttribute("aria-pressed", String(given[number!]?.[0] === answer));
    if (question) {
      const image = element<HTMLImageElement>("image");
      image.src = images[question.shown]!;
      image.alt = `The image of question ${at + 1}`;
      const annotated = question.label === 1 ? "present" : question.label === 0 ? "absent" : "nothing";
      element("about").replaceChildren(
        ...line("annotated", annotated),
        ...line("model", `${Math.round(100 * question.probability)} % present`),
        ...(question.id === undefined ? [] : line("class", question.id)),
        ...line("image", question.image),
      );
    }
    const all = Object.values(given).map(([answer]) => answer);
    const count = (answer: Answer): number => all.filter((one) => one === answer).length;
    element("counts").textContent =
      `${count("yes")} yes, ${count("no")} no, ${count("skip")} skipped of ${questions.length}`;
    element<HTMLButtonElement>("save").disabled = all.length === 0;
    element<HTMLButtonElement>("forget").disabled = all.length === 0;
    element("kept").textContent = kept
      ? "Answers are kept in this browser: close the page and go on later. They go nowhere else."
      : "This browser keeps no answers of a page: download them before you close it.";
    since = performance.now();
  };

  const go = (to: number): void => {
    at = Math.min(Math.max(to, 0), shown.length);
    paint();
  };
  const say = (answer: Answer): void => {
    const number = shown[at];
    if (number === undefined) return;
    const seconds = Math.min(LONGEST, (performance.now() - since) / 1000);
    given[number] = [answer, Math.round(10 * seconds) / 10];
    keep();
    const focused = document.activeElement;
    go(at + 1);
    // A button that is off loses the focus, which would begin at the top of the page again.
    if (
      at === shown.length &&
      (focused === document.body || Object.values(buttons).includes(focused as never))
    )
      element("save").focus();
  };
  const save = (): void => {
    if (Object.keys(given).length === 0) return;
    const rows = questions.flatMap(({ csv: [before, after] }, number) => {
      const of = given[number];
      return of ? [`${before},${of[0]},${of[1]},${after}\n`] : [];
    });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([heading, ...rows], { type: "text/csv" }));
    link.download = "answers.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    element("said").textContent = `${rows.length} answers are saved as answers.csv`;
  };

  for (const answer of ["yes", "no", "skip"] as const)
    buttons[answer].addEventListener("click", () => say(answer));
  element("back").addEventListener("click", () => go(at - 1));
  element("next").addEventListener("click", () => go(at + 1));
  element("save").addEventListener("click", save);
  element("forget").addEventListener("click", () => {
    if (!confirm(`Forget ${Object.keys(given).length} answers?`)) return;
    given = {};
    keep();
    go(0);
  });
  which.addEventListener("change", () => {
    shown = [...questions.keys()].filter((i) => which.value === "" || questions[i]!.kind === which.value);
    go(firstOpen());
  });
  const keys: Record<string, () => void> = {
    y: () => say("yes"),
    n: () => say("no"),
    s: () => say("skip"),
    d: save,
    arrowleft: () => go(at - 1),
    arrowright: () => go(at + 1),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target instanceof Element && event.target.closest("select,input,textarea")) return;
    const act = keys[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
  go(firstOpen());
}
