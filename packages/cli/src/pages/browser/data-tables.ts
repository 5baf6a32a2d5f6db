/**
 * Runs in the browser: makes every table of `dataTable` sort, filter and scroll. Uses nothing from outside of itself.
 */
export function dataTables(): void {
  type Cell = string | number | null;
  interface Data {
    columns: { kind: string; digits: number | null }[];
    rows: Cell[][];
  }
  /** Rows above and below those in sight that are elements, too. */
  const margin = 20;
  /** Shorter tables need no filter. */
  const short = 12;
  const printed = 1000;

  document.querySelectorAll<HTMLElement>(".table[data-table]").forEach(start);

  function start(root: HTMLElement): void {
    const { columns, rows } = JSON.parse(document.getElementById(root.dataset.table!)!.textContent!) as Data;
    const scroller = root.querySelector<HTMLElement>(".rows")!;
    const body = root.querySelector("tbody")!;
    const heads = Array.from(root.querySelectorAll("th"));
    let shown = rows;
    let from = -1;
    let to = -1;
    const height = (): number => body.querySelector("tr:not(.space)")?.getBoundingClientRect().height || 30;

    const paint = (first: number, last: number): void => {
      if (first === from && last === to) return;
      [from, to] = [first, last];
      const rowHeight = height();
      const pieces = shown.slice(first, last).map((row) => {
        const tr = document.createElement("tr");
        row.forEach((cell, i) => {
          const td = tr.insertCell();
          const text = format(cell, columns[i]!);
          td.textContent = text;
          if (columns[i]!.kind === "text") td.title = text;
          else td.className = "number";
        });
        return tr;
      });
      body.replaceChildren(space(first * rowHeight), ...pieces, space((shown.length - last) * rowHeight));
    };
    const paintSight = (): void => {
      const rowHeight = height();
      const first = Math.max(0, Math.floor(scroller.scrollTop / rowHeight) - margin);
      const count = Math.ceil(scroller.clientHeight / rowHeight) + 2 * margin;
      paint(Math.min(first, Math.max(0, shown.length - count)), Math.min(shown.length, first + count));
    };
    const changed = (): void => {
      from = -1;
      scroller.scrollTop = 0;
      paintSight();
    };

    if (rows.length > short) tools();
    for (const [column, head] of heads.entries())
      head.querySelector("button")!.addEventListener("click", () => {
        const numeric = columns[column]!.kind !== "text";
        // Numbers are asked for from the largest on, names from the first.
        const old = head.getAttribute("aria-sort");
        const descending = old === "none" ? numeric : old === "ascending";
        for (const other of heads) other.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        const sign = descending ? -1 : 1;
        const compare = (a: Cell, b: Cell): number =>
          a === null || b === null
            ? Number(a === null) - Number(b === null)
            : sign * (numeric ? Number(a) - Number(b) : String(a).localeCompare(String(b)));
        shown = [...shown].sort((a, b) => compare(a[column]!, b[column]!));
        rows.sort((a, b) => compare(a[column]!, b[column]!));
        changed();
      });
    scroller.addEventListener("scroll", paintSight, { passive: true });
    addEventListener("resize", paintSight);
    addEventListener("beforeprint", () => paint(0, Math.min(shown.length, printed)));
    addEventListener("afterprint", changed);
    paintSight();

    function tools(): void {
      const line = document.createElement("div");
      line.className = "tools";
      const box = document.createElement("input");
      box.type = "search";
      box.placeholder = "filter";
      box.setAttribute("aria-label", `Filter: ${scroller.getAttribute("aria-label")}`);
      const count = document.createElement("span");
      count.className = "note";
      count.setAttribute("role", "status");
      const say = (): void => {
        count.textContent =
          shown.length === rows.length ? `${rows.length} rows` : `${shown.length} of ${rows.length} rows`;
      };
      box.addEventListener("input", () => {
        const wanted = box.value.toLocaleLowerCase();
        shown = rows.filter((row) =>
          row.some((cell) => typeof cell === "string" && cell.toLocaleLowerCase().includes(wanted)),
        );
        say();
        changed();
      });
      say();
      line.append(box, count);
      root.prepend(line);
    }
  }

  function space(height: number): HTMLElement {
    const tr = document.createElement("tr");
    tr.className = "space";
    tr.style.height = `${height}px`;
    tr.hidden = height === 0;
    return tr;
  }

  function format(cell: Cell, { kind, digits }: Data["columns"][number]): string {
    if (cell === null) return "–";
    if (typeof cell === "string" || kind === "text") return String(cell);
    if (kind === "fraction") return `${(100 * cell).toFixed(digits ?? 2)} %`;
    return digits === null ? String(Number(cell.toPrecision(4))) : cell.toFixed(digits);
  }
}
