import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { figure } from "./charts/chart.js";
import { lineChart } from "./charts/line-chart.js";
import { createScale, formatTick } from "./charts/scale.js";
import { scatterChart } from "./charts/scatter-chart.js";
import { dataTable } from "./data-table.js";
import { dataScript, html } from "./html.js";
import { page, withLiveScript } from "./page.js";

const hostile = `</script><img src=x onerror="alert('x')">&\u202e`;

/** Everything that a browser would take as the start of an element, apart from what pages are made of. */
const foreignTags = (markup: string): string[] =>
  [...markup.matchAll(/<(?:img|script>alert)[^>]*>/g)].map(([tag]) => tag);

const hostileParts = {
  text: html`<p title="${hostile}">${hostile}</p>`,
  data: dataScript("d", { name: hostile }),
  table: dataTable({
    id: "t",
    caption: hostile,
    columns: [{ title: hostile, hint: hostile }],
    rows: [[hostile]],
  }),
  line: figure(
    lineChart(
      { title: hostile, note: hostile },
      { x: { label: hostile }, y: { label: hostile }, lines: [{ name: hostile, points: [[1, 1]] }] },
    ),
  ),
  scatter: figure(
    scatterChart(
      { title: hostile },
      {
        x: { label: "x" },
        y: { label: "y" },
        groups: [{ name: hostile, dots: [{ x: 1, y: 1, name: hostile }] }],
      },
    ),
  ),
};

describe("pages", () => {
  it.each(Object.entries(hostileParts))("%s shows markup in a name as text", (_, part) => {
    const text = page({ title: hostile, sections: [{ id: "s", title: hostile, body: part }] });
    expect(foreignTags(text)).toEqual([]);
    expect(text).not.toContain("\u202e");
  });

  it("keeps data as it is", () => {
    const json = /<script type="application\/json" id="d">(.*?)<\/script>/s.exec(
      hostileParts.data.markup,
    )![1]!;
    expect(JSON.parse(json)).toEqual({ name: hostile });
  });

  it("names no address of a network, and its policy allows the scripts that it has, by their hash", () => {
    const text = page({ title: "t", sections: [{ id: "s", title: "S", body: html`<p>text</p>` }] });
    expect(text).not.toMatch(/\b(?:https?:)?\/\/[a-z]/i);
    const scripts = [...text.matchAll(/<script>(.*?)<\/script>/gs)].map(([, program]) => program!);
    expect(scripts.length).toBeGreaterThan(0);
    for (const program of scripts)
      expect(text).toContain(`'sha256-${createHash("sha256").update(program).digest("base64")}'`);
    const live = withLiveScript(text, () => document.title);
    expect(live).toContain("connect-src 'self'");
    expect([...live.matchAll(/<script>/g)]).toHaveLength(scripts.length + 1);
  });
});

describe("scales", () => {
  it.each([
    [[0, 97], {}, [0, 20, 40, 60, 80, 100]],
    [[1, 3], { whole: true }, [1, 2, 3]],
    [[0.1, 0.1], {}, [0.08, 0.1, 0.12]],
    [[1, 700], { kind: "log" }, [1, 10, 100, 1000]],
    [[], {}, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  ] as const)("ticks of %j with %j", (values, options, ticks) => {
    expect(createScale(values, [0, 1], options).ticks).toEqual(ticks);
  });

  it("puts the ends of the axis on the ends of the chart, and what has no logarithm on the lower one", () => {
    const log = createScale([1, 1000], [10, 110], { kind: "log" });
    expect([1, 1000, 0].map(log.at)).toEqual([10, 110, 10]);
  });

  it.each([
    [0, "0"],
    [0.00015, "1.5e−4"],
    [12_345, "12.35k"],
    [2_500_000, "2.5M"],
  ])("%d is written %s", (value, text) => expect(formatTick(value)).toBe(text));
});

it.each([
  ["both linear", undefined, undefined],
  ["one logarithmic", "log", undefined],
  ["both logarithmic", "log", "log"],
] as const)("the line of equal values lies where both axes show the same value: %s", (_, xKind, yKind) => {
  const ranges = { x: [0.02, 0.5], y: [0.01, 0.4] } as const;
  const dots = [0, 1].map((i) => ({ x: ranges.x[i]!, y: ranges.y[i]!, name: "" }));
  const { drawing } = scatterChart(
    { title: "t" },
    {
      x: { label: "x", ...(xKind && { kind: xKind }) },
      y: { label: "y", ...(yKind && { kind: yKind }) },
      groups: [{ name: "g", dots }],
      diagonal: true,
    },
  );
  const path = /<path class="reference" d="M(.*?)"/.exec(drawing)![1]!;
  const scales = {
    x: createScale(ranges.x, [50, 450], xKind && { kind: xKind }),
    y: createScale(ranges.y, [226, 8], yKind && { kind: yKind }),
  };
  const places = path.split("L").map((point) => point.split(" ").map(Number));
  expect(places.length).toBeGreaterThan(10);
  // 0.1 lies between the ends: the place where x shows it is on the line at the height where y shows it.
  const [x, y] = [scales.x.at(0.1), scales.y.at(0.1)];
  const after = places.findIndex(([at]) => at! >= x);
  const [[x0, y0], [x1, y1]] = [places[after - 1]!, places[after]!] as [[number, number], [number, number]];
  expect(y0 + ((y1 - y0) * (x - x0)) / (x1 - x0)).toBeCloseTo(y, 0);
});
