/**
 * Runs in the browser: sends images to the service, one request for each, and shows their tags. Uses nothing from outside of itself.
 */
export function tagDropped(): void {
  interface Tag {
    name: string;
    score: number;
  }
  interface Answer {
    tags?: Tag[];
    error?: { message: string };
  }
  const element = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;
  const [drop, files, results, said, threshold, clear] = [
    element("drop"),
    element<HTMLInputElement>("files"),
    element("results"),
    element("said"),
    element<HTMLSelectElement>("threshold"),
    element<HTMLButtonElement>("clear"),
  ];
  const token = document.getElementById("token") as HTMLInputElement | null;
  /** Requests on the way at the same time: the service joins them into batches. */
  const TOGETHER = 4;
  const waiting: (() => Promise<void>)[] = [];
  let running = 0;
  const shown = new Map<HTMLElement, Blob>();

  const make = <K extends keyof HTMLElementTagNameMap>(
    name: K,
    text = "",
    kind = "",
  ): HTMLElementTagNameMap[K] => {
    const made = document.createElement(name);
    made.textContent = text;
    if (kind !== "") made.className = kind;
    return made;
  };
  const pump = (): void => {
    while (running < TOGETHER && waiting.length > 0) {
      running++;
      void waiting.shift()!().finally(() => {
        running--;
        pump();
      });
    }
  };
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  const ask = async (image: Blob): Promise<Answer> => {
    const query = threshold.value === "" ? "" : `?threshold=${threshold.value}`;
    const headers: Record<string, string> = { "content-type": "application/octet-stream" };
    if (token && token.value !== "") headers.authorization = `Bearer ${token.value.trim()}`;
    for (let attempt = 0; ; attempt++) {
      const response = await fetch(`/tag${query}`, { method: "POST", headers, body: image });
      if (response.status !== 429 || attempt === 5) return (await response.json()) as Answer;
      await pause(1000 * Number(response.headers.get("retry-after") ?? 1));
    }
  };
  const show = (list: HTMLElement, { tags, error }: Answer): void => {
    const lines = (tags ?? []).map(({ name, score }) => {
      const line = make("li");
      const bar = make("meter");
      bar.value = score;
      bar.setAttribute("aria-hidden", "true"); // the number says the same
      line.append(make("span", name), make("span", `${Math.round(100 * score)} %`, "score"), bar);
      return line;
    });
    const none = make(
      "li",
      error ? error.message : "no class is above its threshold",
      error ? "bad" : "note",
    );
    list.replaceChildren(...(lines.length > 0 ? lines : [none]));
  };
  const tell = (): void => {
    const open = running + waiting.length;
    clear.hidden = shown.size === 0;
    said.textContent =
      open > 0
        ? `${shown.size - open} of ${shown.size} images are answered`
        : `${shown.size} images are answered`;
  };
  const tag = (card: HTMLElement, image: Blob): void => {
    const list = card.querySelector("ol")!;
    list.replaceChildren(make("li", "…", "note"));
    waiting.push(async () => {
      const answer = await ask(image).catch(
        (): Answer => ({ error: { message: "the service does not answer" } }),
      );
      show(list, answer);
      setTimeout(tell);
    });
    pump();
    tell();
  };
  const add = (images: FileList | null | undefined): void => {
    for (const image of Array.from(images ?? [])) {
      const card = make("li");
      const thumbnail = make("img");
      thumbnail.src = URL.createObjectURL(image);
      thumbnail.alt = "";
      thumbnail.onerror = () => thumbnail.remove();
      const text = make("div");
      text.append(make("h3", image.name || "pasted image"), make("ol"));
      card.append(thumbnail, text);
      results.prepend(card);
      shown.set(card, image);
      tag(card, image);
    }
  };

  files.addEventListener("change", () => {
    add(files.files);
    files.value = "";
  });
  for (const name of ["dragenter", "dragover"])
    document.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) drop.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    add(event.dataTransfer?.files);
  });
  document.addEventListener("paste", (event) => add(event.clipboardData?.files));
  threshold.addEventListener("change", () => {
    for (const [card, image] of shown) tag(card, image);
  });
  clear.addEventListener("click", () => {
    for (const thumbnail of Array.from(results.querySelectorAll("img"))) URL.revokeObjectURL(thumbnail.src);
    results.replaceChildren();
    shown.clear();
    waiting.length = 0;
    clear.hidden = true;
    said.textContent = "";
    files.focus();
  });
  element("form").addEventListener("submit", (event) => event.preventDefault());
}
