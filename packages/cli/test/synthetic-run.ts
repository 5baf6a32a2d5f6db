// For tests of pages: the report of a run that never was, over any number of classes.
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { evaluate } from "@csl/metrics";
import { selective } from "@csl/partial-loss";
import type { TrainEvent } from "@csl/trainer";
import { logEntry } from "../src/commands/train/run-records.js";
import { createRunReport } from "../src/report/run-report.js";

/** A name that would run a program if a page took it as markup. */
export const hostileName = `<img src=x onerror="document.title='taken'"></script><script>document.title="taken"</script>`;

/** Writes report.html and report-data.json of two epochs with random scores into a folder. Class 1 has a hostile name. */
export async function writeSyntheticReport(folder: string, { classes }: { classes: number }): Promise<void> {
  const { start, steps, validate, end } = createSyntheticRun(folder, { classes });
  await start();
  for (const epoch of [0, 1]) {
    await steps(epoch);
    await validate(epoch);
  }
  await end();
}

/** The same run event by event. */
export function createSyntheticRun(
  folder: string,
  {
    classes,
    now,
    tell = () => {},
  }: { classes: number; now?: () => number; tell?: (message: string) => void },
): {
  start(): Promise<void>;
  steps(epoch: number): Promise<void>;
  validate(epoch: number): Promise<void>;
  end(): Promise<void>;
} {
  const random = mulberry32(classes);
  const images = 64;
  const names = Array.from({ length: classes }, (_, c) => (c === 1 ? hostileName : `class ${c}`));
  const counts = Array.from({ length: classes }, (_, c) => Math.ceil(500 / (c + 1)));
  const split = { images: 1000, missing: 0, positives: counts, negatives: counts };
  const prior = Float32Array.from({ length: classes }, (_, c) => 0.9 / (c + 1));
  const report = createRunReport(folder, {
    facts: {
      kind: "synthetic",
      classes: { ids: names.map((_, c) => `/m/${c}`), names },
      training: split,
      validation: split,
      prior: Array.from(prior),
      loss: { name: "csl", mode: "selective", priorThreshold: 0.5, topK: 2 },
      machine: [["engine", hostileName]],
      settings: { data: hostileName, lr: 0.1 },
      choices: {},
    },
    policy: selective({ topK: 2, prior, priorThreshold: 0.5 }),
    imageName: (sample) => `${hostileName} ${sample}.jpg`,
    tell,
    ...(now && { now }),
  });
  const record = (event: TrainEvent): Promise<void> =>
    report.record(event, logEntry(event, { numClasses: classes, elapsed: 1 }));
  const labels = Int8Array.from(
    { length: images * classes },
    () => [-1, -1, 0, 1][Math.floor(4 * random())]!,
  );
  const pixels = Uint8Array.from({ length: images * 64 * 64 * 3 }, () => Math.floor(256 * random()));
  const batch = { images: pixels, labels, size: images, height: 64, width: 64 };
  const logits = (): Float32Array => Float32Array.from(labels, (label) => 2 * label + 4 * random() - 2);
  return {
    start: () =>
      record({ type: "start", epochs: 2, steps: 4, parameters: 1e6, epoch: 0, step: 0, resumed: false }),
    async steps(epoch) {
      for (const step of [1, 2]) {
        report.onTrainBatch?.(batch, logits());
        const numbers = {
          lr: 0.1,
          beta1: 0.9,
          gradientNorm: 3 + random(),
          imagesPerSecond: 9,
          secondsLeft: 1,
        };
        const place = { epoch, step: 2 * epoch + step, totalSteps: 4 };
        await record({ type: "step", ...place, loss: 2 + random(), images, ...numbers });
      }
    },
    async validate(epoch) {
      const scores = logits();
      report.onValidationBatch(batch, { raw: scores, ema: scores });
      const raw = { ...evaluate({ scores, labels, numClasses: classes }), images };
      await record({ type: "validation", epoch, raw, ema: raw, improved: true, seconds: 1 });
    },
    end: () => record({ type: "end", steps: 4, seconds: 2 }),
  };
}
