const tolerance = 1e-5;

/** What the training page sent, as lines: the engines, and how far their numbers are from those of the first. */
export function compared(text) {
  const { isolated, engines, failed } = JSON.parse(text);
  const lines = [`training on a page that is ${isolated ? "" : "not "}isolated`];
  const [{ numbers: expected } = {}] = engines;
  for (const { engine, device, held, numbers } of engines) {
    const threads = isolated ? "" : ` on ${device}`;
    const leak = held.every((count) => count === held[0]) ? "" : `, tensors after each step: ${held}`;
    lines.push(`${engine}${threads}: ${differences(numbers, expected)}${leak}`);
  }
  return [...lines, ...(failed ? [`the page failed: ${failed}`] : [])].join("\n");
}

/** Numbers are of size 1 or so: what is smaller may differ by the tolerance itself. */
function differences(numbers, expected) {
  const far = [];
  let count = 0;
  for (const [name, values] of Object.entries(expected))
    for (const [i, value] of values.entries()) {
      count++;
      const got = numbers[name]?.[i];
      if (!(Math.abs(got - value) <= tolerance * Math.max(1, Math.abs(value))))
        far.push(`${name}[${i}] is ${got} instead of ${value}`);
    }
  return far.length > 0 ? far.slice(0, 5).join("; ") : `${count} numbers within ${tolerance}`;
}
