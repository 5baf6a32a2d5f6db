import { join } from "node:path";
import { isCslError } from "@csl/internal/errors/csl-error";
import type { Evaluation } from "@csl/metrics";
import type { UnannotatedPolicy } from "@csl/partial-loss";
import type { TrainEvent, TrainTask } from "@csl/trainer";
import { writeWhole } from "../files/write-json.js";
import { thumbnail } from "../pages/thumbnail.js";
import { ignoredEntries } from "./ignored-entries.js";
import {
  type ReportData,
  type RunFacts,
  reportDataFormat,
  reportDataName,
  reportName,
  type Shown,
  type ValidationFacts,
} from "./report-data.js";
import { reportPage } from "./report-page.js";
import { RunHistory, readHistory } from "./run-history.js";
import { galleryKinds, ScoredImages } from "./scored-images.js";

/** Pairs of classes that a report lists. */
const PAIRS = 200;
/** Between two validations a page is written so often, in milliseconds. */
const REFRESH = 60_000;
/**
 * Writing may take this share of the time after a validation: a page of many classes takes some hundredths of a second, and the validations of a
 * small network come every few seconds. Then some of them are shown with the next one, or a few steps later.
 */
const SHARE = 0.005;

/** Gathers what a run's report shows while it trains, and writes it. */
export interface RunReport {
  /** Where the loss selects entries: to count them. */
  onTrainBatch?: NonNullable<TrainTask["onTrainBatch"]>;
  onValidationBatch: NonNullable<TrainTask["onValidationBatch"]>;
  /**
   * Writes report.html at the start, after each validation, at the end, and about every minute in between. After a
   * validation it waits until writing takes no more than a two-hundredth of the time. Once the run goes on, a page that cannot be
   * written is reported, and tried the next time.
   *
   * @throws CslError `cannot-write` at the start
   */
  record(event: TrainEvent, entry: unknown): Promise<void>;
}

/**
 * The report of the run in `folder`, whose log.jsonl has its course.
 *
 * @param policy what the loss does with un-annotated entries, if it selects some of them
 * @param imageName of a validation image by its position
 * @param tell receives what went wrong
 */
export function createRunReport(
  folder: string,
  {
    facts,
    policy,
    imageName,
    tell,
    now = Date.now,
  }: {
    facts: RunFacts;
    policy: UnannotatedPolicy | undefined;
    imageName: (sample: number) => string;
    tell: (message: string) => void;
    now?: () => number;
  },
): RunReport {
  const numClasses = facts.classes.ids.length;
  const ignored = policy?.name === "selective" ? ignoredEntries(policy, numClasses) : undefined;
  const data: ReportData = { format: reportDataFormat, facts };
  /** Small images by sample: those of one validation are often those of the next. */
  let thumbnails = new Map<number, string>();
  let scored: ScoredImages | undefined;
  /** Of the last validation, until it is written. */
  let unwritten: (() => Promise<ValidationFacts>) | undefined;
  /** The weights that are looked at: those that were better in the last validation. Both would cost twice the time. */
  let weights: "raw" | "ema" = "raw";
  let history = new RunHistory();
  let written = Number.NEGATIVE_INFINITY;
  /** What writing took the last time, in milliseconds. */
  let cost = 0;

  const write = async (): Promise<void> => {
    const begun = now();
    if (unwritten) data.validation = await unwritten();
    unwritten = undefined;
    if (ignored)
      data.ignored = {
        every: ignored.counts.every,
        seen: Array.from(ignored.counts.seen),
        byPrior: Array.from(ignored.counts.byPrior),
        byLikelihood: Array.from(ignored.counts.byLikelihood),
      };
    await writeWhole(join(folder, reportDataName), `${JSON.stringify(data)}\n`);
    await writeWhole(join(folder, reportName), reportPage(history, data));
    written = now();
    cost = written - begun;
  };

  /** A full disk, or a program that holds the file open, ends no training that may take days. */
  const writeIfPossible = async (): Promise<void> => {
    try {
      await write();
    } catch (error) {
      if (!isCslError(error, "cannot-write")) throw error;
      written = now();
      tell(`${error.message} The training goes on; csl report writes the page later.`);
    }
  };

  return {
    ...(ignored && {
      onTrainBatch: (batch: Parameters<typeof ignored.add>[0], logits: Float32Array) =>
        ignored.add(batch, logits),
    }),
    onValidationBatch(batch, { raw, ema }) {
      scored ??= new ScoredImages(numClasses);
      scored.add(batch, weights === "ema" && ema ? ema : raw);
    },
    async record(event, entry) {
      if (event.type === "start") {
        history = await readHistory(join(folder, "log.jsonl"));
        await write();
        return;
      }
      history.add(entry);
      if (event.type === "epoch") {
        if (event.prior) data.runningPrior = rounded(event.prior.values);
        scored = undefined; // of a validation that was broken off
      }
      if (event.type === "validation" && scored) {
        const images = scored;
        scored = undefined;
        const evaluation = event[weights] ?? event.raw;
        const shown = { epoch: event.epoch, weights };
        unwritten = async () => ({ ...shown, ...(await factsOf(images, evaluation)) });
        weights = event.ema && event.ema.mapC > event.raw.mapC ? "ema" : "raw";
      }
      const wait = unwritten ? Math.min(REFRESH, cost / SHARE) : REFRESH;
      if (event.type === "end") await writeIfPossible();
      else if ((event.type === "validation" || event.type === "step") && now() - written >= wait)
        await writeIfPossible();
    },
  };

  async function factsOf(
    images: ScoredImages,
    { perClass, entries }: Evaluation,
  ): Promise<Omit<ValidationFacts, "epoch" | "weights">> {
    return {
      images: images.images,
      ap: perClass.map(({ ap }) => (ap === null ? null : short(ap))),
      positives: perClass.map(({ positives }) => positives),
      negatives: perClass.map(({ negatives }) => negatives),
      unannotated: entries.unannotated,
      decisions: perClass.map(({ index }) => images.histogram.decisions(index) ?? null),
      reliability: images.histogram.reliability(),
      gallery: await galleryOf(images),
      confused: images.confused.largest(PAIRS),
    };
  }

  async function galleryOf(images: ScoredImages): Promise<ValidationFacts["gallery"]> {
    const kept = new Map<number, string>();
    const shown = async (kind: (typeof galleryKinds)[number]): Promise<Shown[]> =>
      Promise.all(
        images.gallery[kind].entries.map(async ({ classIndex, sample, logit, pixels }) => {
          const src = thumbnails.get(sample) ?? kept.get(sample) ?? (await thumbnail(pixels));
          kept.set(sample, src);
          const probability = short(1 / (1 + Math.exp(-logit)));
          return { classIndex, probability, image: imageName(sample), src };
        }),
      );
    const gallery = {} as ValidationFacts["gallery"];
    for (const kind of galleryKinds) gallery[kind] = await shown(kind);
    thumbnails = kept;
    return gallery;
  }
}

const short = (value: number): number => Number(value.toPrecision(5));
const rounded = (values: Float32Array): number[] => Array.from(values, short);
