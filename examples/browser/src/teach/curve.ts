const [width, height] = [320, 140];
const margin = { left: 40, right: 8, top: 8, bottom: 24 };
const namespace = "http://www.w3.org/2000/svg";

/** The loss over the steps, drawn as it comes. The numbers are in a sentence beside it. */
export function createCurve(steps: number): { node: SVGSVGElement; add(step: number, loss: number): void } {
  const node = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "curve", role: "img" });
  node.setAttribute("aria-label", "The loss over the steps of the training");
  const line = svg("polyline", { class: "line", points: "" });
  const top = svg("text", { x: margin.left - 4, y: margin.top + 10, "text-anchor": "end" });
  const bottom = height - margin.bottom;
  const axis = svg("path", {
    class: "axis",
    d: `M${margin.left} ${margin.top}V${bottom}H${width - margin.right}`,
  });
  const zero = svg("text", { x: margin.left - 4, y: bottom, "text-anchor": "end" }, "0");
  const label = svg(
    "text",
    { x: width - margin.right, y: height - 6, "text-anchor": "end" },
    `step ${steps}`,
  );
  const name = svg("text", { x: margin.left, y: height - 6 }, "loss");
  node.append(axis, line, top, zero, label, name);
  const points: [step: number, loss: number][] = [];
  return {
    node,
    add(step, loss) {
      points.push([step, loss]);
      const highest = Math.max(...points.map(([, value]) => value), 1e-9);
      top.textContent = highest.toPrecision(2);
      const x = (at: number): number => margin.left + (at / steps) * (width - margin.left - margin.right);
      const y = (value: number): number => bottom - (value / highest) * (bottom - margin.top);
      line.setAttribute("points", points.map(([at, value]) => `${x(at)},${y(value)}`).join(" "));
    },
  };
}

function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Record<string, string | number>,
  text = "",
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.textContent = text;
  return made;
}
