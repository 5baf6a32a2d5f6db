// pnpm fuzz [--targets a,b] [--count 10000] [--seed 1] [--from 0] [--seconds-each 240] [--save FOLDER]
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatResults } from "./format-results.js";
import { makeInput } from "./make-input.js";
import { runFuzz } from "./run-fuzz.js";
import { targets } from "./targets.js";

const { values } = parseArgs({
  options: {
    targets: { type: "string", default: targets.map(({ name }) => name).join(",") },
    count: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
    "seconds-each": { type: "string", default: "Infinity" }, // the rest of a target's inputs is left out then
    save: { type: "string" }, // the inputs that are faults go here
  },
});
const [count, seed, from] = [Number(values.count), Number(values.seed), Number(values.from)];
const secondsEach = Number(values["seconds-each"]);
const names = values.targets.split(",");
const unknown = names.find((name) => !targets.some((target) => target.name === name));
if (unknown !== undefined)
  throw new Error(`no target ${unknown}; there are ${targets.map(({ name }) => name).join(", ")}`);

const module = new URL("./targets.ts", import.meta.url).href;
const results = await runFuzz({ module, targets: names, count, from, seed, secondsEach });
console.log(formatResults(results, { seed }));

if (values.save !== undefined) {
  mkdirSync(values.save, { recursive: true });
  for (const { target: name, faults } of results) {
    const target = targets.find((one) => one.name === name)!;
    const samples = await target.samples();
    for (const { index } of faults)
      writeFileSync(
        join(values.save, `${name}-${seed}-${index}`),
        makeInput(target, samples, { seed, index }),
      );
  }
}
process.exitCode = results.some(({ faults }) => faults.length > 0) ? 1 : 0;
