import { existsSync } from "node:fs";
import { join } from "node:path";
import { loadCheckpoint } from "@csl/checkpoints";
import type { Engine } from "@csl/engine";
import type { ClassList } from "@csl/labels";
import type { TrainEvent } from "@csl/trainer";
import type { LabelledImages } from "../commands/train/open-training-data.js";
import { writeJson } from "../files/write-json.js";
import { formats } from "../outputs/output-kinds.js";
import type { RunConfig } from "../runs/read-run.js";
import { commandLine } from "./given-flags.js";
import { recordImages } from "./image-record.js";
import { recordLabels } from "./label-record.js";
import {
  type RecordedScores,
  type ReproductionCard,
  reproductionName,
  type SplitRecord,
} from "./reproduction-card.js";
import { surroundings } from "./surroundings.js";
import { recordWeights } from "./weights-record.js";

interface ReproductionFacts {
  options: RunConfig & { seed: number; splitSeed: number; valSplit: string };
  engine: Engine;
  classes: ClassList;
  training: LabelledImages;
  validation: LabelledImages;
  /** What was read, by name: of these, the hashes of `kept`. */
  inputs: Readonly<Record<string, unknown>>;
}

/** Files besides labels and images that decide a training. */
const kept = ["prior", "classWeights", "classEmbeddings", "body"];

/** Writes the reproduction card whenever a run has new best weights. Images are looked at while it trains. */
export function reproductionWriter(
  folder: string,
  { options, engine, classes, training, validation, inputs }: ReproductionFacts,
): (event: TrainEvent) => Promise<void> {
  let data: Promise<Pick<ReproductionCard, "training" | "validation">> | undefined;
  let scores: RecordedScores | undefined;
  const checkpoint = join(folder, "best.safetensors");
  const write = async (): Promise<void> => {
    if (!scores || !data || !existsSync(checkpoint)) return;
    const { state } = await loadCheckpoint(checkpoint, { stateOnly: true });
    const { seed, splitSeed } = options;
    const card: ReproductionCard = {
      format: formats.reproduction,
      command: commandLine(options),
      surroundings: surroundings(engine),
      seeds: { seed, splitSeed },
      inputs: Object.fromEntries(
        kept.flatMap((name) => (typeof inputs[name] === "string" ? [[name, inputs[name]]] : [])),
      ),
      scores,
      ...(await data),
      weights: await recordWeights(checkpoint, state),
    };
    await writeJson(join(folder, reproductionName), card);
  };
  return async (event) => {
    if (event.type === "start" && !data) {
      data = recordBoth(
        { split: "train", images: training },
        { split: options.valSplit, images: validation },
      );
      data.catch(() => {}); // whoever waits for it hears of it
    }
    if (event.type === "validation" && event.improved) {
      const { best, raw, ema } = event;
      const { mapC, mapO, perClass } = best?.weights === "ema" && ema ? ema : raw;
      const ap = Object.fromEntries(perClass.map((own, index) => [classes.ids[index]!, own.ap]));
      scores = { mapC, mapO, ap };
    }
    if (event.type === "checkpoint" && event.kind === "best") await write();
  };
}

async function recordBoth(
  ...splits: { split: string; images: LabelledImages }[]
): Promise<Pick<ReproductionCard, "training" | "validation">> {
  const [training, validation] = await Promise.all(
    splits.map(
      async ({ split, images: { list, labels } }): Promise<SplitRecord> => ({
        ...{ split, labels: recordLabels(labels), images: await recordImages(list) },
      }),
    ),
  );
  return { training: training!, validation: validation! };
}
