import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { killWorkload, type Trial } from "./kill-workload.js";
import { makeWorkloads } from "./workloads.js";

const { values } = parseArgs({
  options: {
    kill: { type: "string", default: "5" },
    commands: { type: "string", default: "" },
    signals: { type: "string", default: "KILL,TERM,INT,HUP" },
    seed: { type: "string", default: "1" },
    keep: { type: "string" },
  },
});
const base = await mkdtemp(join(tmpdir(), "csl-kills-"));
const signals = values.signals.split(",").map((name) => `SIG${name}` as NodeJS.Signals);
const { workloads, close } = await makeWorkloads(base);
const wanted = values.commands === "" ? workloads.map(({ name }) => name) : values.commands.split(",");
let faulty = 0;
try {
  for (const [i, workload] of workloads.entries()) {
    if (!wanted.includes(workload.name)) continue;
    const trials = await killWorkload(workload, {
      base,
      signals,
      kills: Number(values.kill),
      random: mulberry32(Number(values.seed) + i),
      keep: values.keep && resolve(values.keep),
      onTrial({ workload: name, signal, after, faults }) {
        if (faults.length === 0) return;
        faulty++;
        console.log(`${name}: ${signal} after ${after} ms:\n  ${faults.join("\n  ")}`);
      },
    });
    console.log(summary(workload.name, trials));
  }
} finally {
  await close();
  await rm(base, { recursive: true, force: true });
}
process.exitCode = faulty > 0 ? 1 : 0;

function summary(name: string, trials: readonly Trial[]): string {
  const faults = trials.filter((trial) => trial.faults.length > 0).length;
  const seconds = trials.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000;
  return `${name}: ${trials.length} kills, ${faults} with faults, ${(seconds / trials.length).toFixed(1)} s each`;
}
