import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/** A validation as the log has it: fractions. */
export interface PastValidation {
  epoch: number;
  raw: Scores;
  ema?: Scores;
}

interface Scores {
  mapC: number;
  mapO: number;
  chance?: { mapC: number; mapO: number };
}

/** Some steps in a row. */
export interface StepGroup {
  /** The first and the last step. */
  from: number;
  to: number;
  count: number;
  /** Means. */
  loss: number;
  lr: number;
  norm: number;
  speed: number;
  /** The largest norm. */
  largestNorm: number;
}

/** A run's best so far. */
export interface PastBest {
  score: number;
  weights: "raw" | "ema";
  epoch: number;
}

/** More groups of steps than this are joined two by two. */
const MOST_GROUPS = 800;

/** The course of a run from the lines of its log, in bounded memory however long it was. */
export class RunHistory {
  groups: StepGroup[] = [];
  #stride = 1;
  readonly validations = new Map<number, PastValidation>();
  readonly epochs = new Map<number, { loss: number; seconds: number; waited: number }>();
  best: PastBest | undefined;
  epochsPlanned = 0;
  totalSteps = 0;
  parameters = 0;
  elapsed = 0;
  ended: string | undefined;

  /** @param entry what `logEntry` makes of an event; lines of other kinds are passed over. */
  add(entry: unknown): void {
    const line = entry as Line;
    this.elapsed = line.elapsed ?? this.elapsed;
    switch (line.type) {
      case "start":
        this.epochsPlanned = line.epochs ?? 0;
        this.totalSteps = line.steps ?? 0;
        this.parameters = line.parameters ?? 0;
        this.ended = undefined;
        break;
      case "step":
        this.#addStep(line);
        break;
      case "epoch":
        this.epochs.set(line.epoch!, {
          loss: line.lossPerImage!,
          seconds: line.seconds ?? 0,
          waited: line.waitedSeconds ?? 0,
        });
        break;
      case "validation":
        if (line.raw)
          this.validations.set(line.epoch!, {
            epoch: line.epoch!,
            raw: line.raw,
            ...(line.ema && { ema: line.ema }),
          });
        this.best = line.best ?? this.best;
        break;
      case "end":
        this.ended = line.stopped ?? "finished";
        break;
      default:
    }
  }

  /** By epoch. */
  pastValidations(): PastValidation[] {
    return [...this.validations.values()].sort((a, b) => a.epoch - b.epoch);
  }

  get lastStep(): number {
    return this.groups.at(-1)?.to ?? 0;
  }

  #addStep({ step, lossPerImage, lr, gradientNorm, imagesPerSecond }: Line): void {
    if (step === undefined || lossPerImage === undefined) return;
    // A run that was killed and continued from its checkpoint takes some steps again.
    while (this.groups.length > 0 && this.groups.at(-1)!.from >= step) this.groups.pop();
    const norm = gradientNorm ?? Number.NaN;
    const own: StepGroup = {
      ...{ from: step, to: step, count: 1, loss: lossPerImage, lr: lr ?? Number.NaN },
      ...{ norm, largestNorm: norm, speed: imagesPerSecond ?? Number.NaN },
    };
    const last = this.groups.at(-1);
    if (last && last.count < this.#stride) this.groups[this.groups.length - 1] = joined(last, own);
    else this.groups.push(own);
    if (this.groups.length <= MOST_GROUPS) return;
    this.#stride *= 2;
    const { groups } = this;
    this.groups = [];
    for (let i = 0; i < groups.length; i += 2)
      this.groups.push(groups[i + 1] ? joined(groups[i]!, groups[i + 1]!) : groups[i]!);
  }
}

interface Line {
  type?: string;
  elapsed?: number;
  epochs?: number;
  steps?: number;
  parameters?: number;
  epoch?: number;
  step?: number;
  lossPerImage?: number;
  lr?: number;
  gradientNorm?: number;
  imagesPerSecond?: number;
  seconds?: number;
  waitedSeconds?: number;
  raw?: Scores;
  ema?: Scores;
  best?: PastBest;
  stopped?: string;
}

function joined(a: StepGroup, b: StepGroup): StepGroup {
  const count = a.count + b.count;
  const mean = (name: "loss" | "lr" | "norm" | "speed"): number =>
    (a[name] * a.count + b[name] * b.count) / count;
  return {
    ...{
      from: a.from,
      to: Math.max(a.to, b.to),
      count,
      loss: mean("loss"),
      lr: mean("lr"),
      norm: mean("norm"),
    },
    ...{ speed: mean("speed"), largestNorm: Math.max(a.largestNorm, b.largestNorm) },
  };
}

/** The course of a run by its log.jsonl; an empty one where there is none. Lines that are cut off are skipped. */
export async function readHistory(path: string): Promise<RunHistory> {
  const history = new RunHistory();
  try {
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
      if (line.startsWith('{"type":"validating"')) continue;
      try {
        history.add(JSON.parse(line));
      } catch {}
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return history;
}
