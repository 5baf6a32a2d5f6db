import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Prints what holds, or fails. */
export function expectThat(holds: boolean, what: string): void {
  if (!holds) throw new Error(`smoke run: expected ${what}`);
  console.log(`✓ ${what}`);
}

interface ProtocolLine {
  protocol: { name: string };
  mapC: number | null;
  groups: unknown[];
}

interface Scores {
  mapC: number;
  chance: { mapC: number };
  protocols: ProtocolLine[];
}

/** The model is far better than chance on annotated labels, and scoring un-annotated labels as absent gives less. */
export async function expectLearned(
  folder: string,
  { aboveChance, groupedProtocol }: { aboveChance: number; groupedProtocol: string },
): Promise<void> {
  const text = await readFile(join(folder, "evaluation.json"), "utf8");
  const { mapC, chance, protocols } = JSON.parse(text) as Scores;
  const percent = (x: number): string => (100 * x).toFixed(1);
  expectThat(
    mapC > chance.mapC + aboveChance,
    `mAP(C) ${percent(mapC)} above chance ${percent(chance.mapC)} by more than ${percent(aboveChance)} points`,
  );
  const line = (name: string): ProtocolLine => protocols.find(({ protocol }) => protocol.name === name)!;
  const naive = line("un-annotated-negative").mapC!;
  expectThat(
    naive < mapC,
    `un-annotated labels scored as absent give less: ${percent(naive)} for the same predictions`,
  );
  expectThat(
    line(groupedProtocol).groups.length > 0,
    `the protocol ${groupedProtocol} has groups of classes`,
  );
}

/** The log of a run that was stopped within an epoch and resumed: every step once, in order, to the end. */
export async function expectContinued(folder: string): Promise<void> {
  const events = (await readFile(join(folder, "log.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; step: number; resumed?: boolean; totalSteps: number });
  const start = events.filter(({ type }) => type === "start").at(-1)!;
  const steps = events.filter(({ type }) => type === "step");
  expectThat(
    start.resumed === true && start.step > 0 && steps.every(({ step }, i) => step === i + 1),
    `the run continued at step ${start.step}, within an epoch, and trained each of ${steps.length} steps once`,
  );
  expectThat(steps.at(-1)!.step === steps.at(-1)!.totalSteps, "the resumed run reached its end");
}
