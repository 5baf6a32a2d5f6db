/** How charts look. Only variables of the pages' colours, so that an image outside of a page can replace them. */
export const chartStyle: string = `
.chart{display:block;width:100%;height:auto;overflow:visible}
.chart text{font-family:system-ui,"DejaVu Sans",sans-serif;font-size:13px;fill:var(--faint)}
.chart .middle{text-anchor:middle}.chart .end{text-anchor:end}
.chart .grid-line{stroke:var(--line);stroke-width:1}
.chart .reference{fill:none;stroke:var(--faint);stroke-width:1;stroke-dasharray:4 4}
.chart .line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.chart .dashed{stroke-dasharray:6 4}
.chart .band{stroke:none;opacity:.2}
.chart .cell-text{font-size:10px}
.chart .dots{fill:none;stroke-width:5;stroke-linecap:round;opacity:.6}
${[1, 2, 3, 4, 5]
  .map((n) => `.chart .stroke-${n}{stroke:var(--series-${n})}.chart .fill-${n}{fill:var(--series-${n})}`)
  .join("\n")}
.legend{display:flex;flex-wrap:wrap;gap:2px 14px;font-size:.85rem;color:var(--faint);margin:0 0 4px}
.legend i{display:inline-block;width:18px;height:0;border-top:3px solid;margin-right:5px;vertical-align:middle}
.legend .dashed{border-top-style:dashed}
${[1, 2, 3, 4, 5].map((n) => `.legend .stroke-${n}{border-color:var(--series-${n})}`).join("")}`;
