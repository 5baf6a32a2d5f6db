// Everything that only a GPU can show, in one run: it compiles the binding, runs the torch package's tests on the device, compares with
// PyTorch, records and replays, trains in both precisions, and measures TResNet beside PyTorch. Nothing is fetched from a network.
//
//   pnpm gpu-check [--budget 450] [--out runs/gpu-check] [--only binding,speed]
//   pnpm gpu-check --pack FOLDER      makes a folder to carry to a machine without network; sh FOLDER/run.sh runs it there
//   pnpm gpu-check --tiny --device cpu --budget 300      tries the program itself
//
// CSL_PYTHON names the Python with torch (default: python3). See benchmarks/README.md.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { drawDataSets } from "./data-sets.js";
import { type Device, isDevice } from "./device.js";
import { describeMachine } from "./machine.js";
import { pack } from "./pack/pack.js";
import { parts } from "./parts/parts.js";
import { runParts } from "./parts/run-parts.js";
import { speedPart } from "./parts/speed.js";
import type { Report } from "./report/report.js";
import { reportText } from "./report/report-text.js";
import { settingsByName } from "./settings.js";
import { startPytorch } from "./speed/start-pytorch.js";
import { warmPytorch } from "./speed/warm-pytorch.js";

const { values: flags } = parseArgs({
  options: {
    budget: { type: "string", default: "450" },
    device: { type: "string", default: "cuda" },
    out: { type: "string", default: "runs/gpu-check" },
    only: { type: "string" },
    tiny: { type: "boolean", default: false },
    pack: { type: "string" },
    data: { type: "string" },
  },
});
// pnpm runs scripts in their package's folder; paths are those of the person's.
const at = (path: string): string => resolve(process.env.INIT_CWD ?? process.cwd(), path);
if (!isDevice(flags.device)) throw new Error(`expected --device cuda, cpu or fake, got ${flags.device}`);
const { device } = flags as { device: Device };
const settings = settingsByName[flags.tiny ? "tiny" : "full"];
const stop = new AbortController();

if (flags.pack !== undefined) {
  await pack(at(flags.pack), settings, { log: console.error });
  process.exit();
}

const started = performance.now();
const elapsed = (): number => performance.now() - started;
const out = at(flags.out);
mkdirSync(out, { recursive: true });
const python = process.env.CSL_PYTHON ?? "python3";
// The binding is compiled against the libtorch of that Python.
process.env.CSL_PYTHON = python;
const only = flags.only?.split(",");
const data = drawDataSets(
  flags.data === undefined ? join(out, "data") : at(flags.data),
  settings,
  stop.signal,
);
data.catch(() => {}); // told by the parts that need it

// PyTorch's compiler keeps its results here, for this run alone.
const compileCaches = ["torch-compile", "torch-compile-again"].map((name) => join(out, name));
for (const name of compileCaches) rmSync(name, { recursive: true, force: true });
process.env.TORCHINDUCTOR_CACHE_DIR = compileCaches[0];
const selected = parts.filter(({ name }) => only?.includes(name) ?? true);
const warming = new AbortController();
const done = selected.includes(speedPart)
  ? warmPytorch(startPytorch(python, device), settings.cases, warming.signal)
  : Promise.resolve();

/** A cache whose writer was killed holds half-written libraries. */
function stopWarming(): void {
  warming.abort();
  process.env.TORCHINDUCTOR_CACHE_DIR = compileCaches[1];
}

const report: Report = {
  device,
  started: new Date().toISOString().slice(0, 19).replace("T", " "),
  seconds: 0,
  budget: Number(flags.budget),
  machine: describeMachine(python),
  parts: [],
  cases: [],
};

/** After each part and case: a run that is killed leaves what it found. */
function write(): void {
  report.seconds = elapsed() / 1000;
  writeFileSync(join(out, "gpu-check.json"), `${JSON.stringify(report, undefined, 2)}\n`);
  writeFileSync(join(out, "gpu-check.txt"), reportText(report));
}

const log = (line: string): void => console.error(`${(elapsed() / 1000).toFixed(0).padStart(4)} s  ${line}`);
await runParts(
  selected,
  {
    ...{ device, python, settings, data, log },
    warming: { done, stop: stopWarming },
    addCase(result) {
      report.cases.push(result);
      write();
    },
  },
  {
    budget: report.budget,
    elapsed,
    onReport(reports) {
      report.parts = [...reports];
      write();
    },
  },
);
stop.abort();
warming.abort();
write();
console.log(reportText(report));
process.exit(report.parts.every(({ status }) => status === "passed") ? 0 : 1);
