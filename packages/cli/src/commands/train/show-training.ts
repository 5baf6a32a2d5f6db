import { CslError } from "@csl/internal/errors/csl-error";
import type { EndEvent, TrainEvent, ValidationEvent } from "@csl/trainer";
import { formatDuration, percent, progressLine } from "../../terminal/format.js";
import { type ShowProgress, startProgress } from "../../terminal/progress.js";
import type { Terminal } from "../../terminal/terminal.js";
import { type DeviceWatch, watchDevice } from "./device-watch.js";
import { shownLoss } from "./run-records.js";

interface ShowOptions {
  epochs: number;
  numClasses: number;
  /** Images of a validation. */
  validationImages: number;
  record: (event: TrainEvent) => Promise<void> | void;
  /** What the progress line shows of the GPU. */
  device?: DeviceWatch;
}

/** Consumes the events of a run up to its last: progress while it trains, a line per epoch and validation. */
export async function showTraining(
  events: AsyncIterable<TrainEvent>,
  terminal: Terminal,
  options: ShowOptions,
): Promise<EndEvent> {
  const { device = watchDevice() } = options;
  try {
    return await show(events, terminal, { ...options, device });
  } finally {
    device.stop();
  }
}

async function show(
  events: AsyncIterable<TrainEvent>,
  terminal: Terminal,
  { epochs, numClasses, validationImages, record, device }: Required<ShowOptions>,
): Promise<EndEvent> {
  let end: EndEvent | undefined;
  let validating: ShowProgress | undefined;
  for await (const event of events) {
    await record(event);
    switch (event.type) {
      case "start":
        terminal.info(
          `${(event.parameters / 1e6).toFixed(2)} M parameters, ${event.steps} steps in ${event.epochs} ${event.epochs === 1 ? "epoch" : "epochs"}` +
            (event.resumed ? `, continuing at step ${event.step}` : ""),
        );
        break;
      case "step":
        terminal.status(
          stepLine(event, { epochs, numClasses, columns: terminal.columns, device: device.text() }),
        );
        break;
      case "epoch":
        terminal.endStatus();
        terminal.info(epochLine(event, { epochs, numClasses }));
        break;
      case "validating":
        validating ??= startProgress(terminal, {
          label: `validate ${event.epoch + 1}/${epochs}`,
          unit: "images",
        });
        validating(event.images, validationImages);
        break;
      case "validation":
        validating = undefined;
        terminal.endStatus();
        terminal.info(validationLine(event, epochs));
        break;
      case "checkpoint":
        break;
      case "end":
        end = event;
        terminal.endStatus();
        break;
      default:
        event satisfies never;
    }
  }
  if (!end) throw new CslError("failed", "csl train: the training ended without its last event.");
  return end;
}

function stepLine(
  event: Extract<TrainEvent, { type: "step" }>,
  {
    epochs,
    numClasses,
    columns,
    device,
  }: { epochs: number; numClasses: number; columns: number; device: string | undefined },
): string {
  const loss = `loss per image ${shownLoss(event, { numClasses }).lossPerImage.toPrecision(4)}`;
  return progressLine(
    {
      label: `train ${event.epoch + 1}/${epochs}`,
      done: event.step,
      total: event.totalSteps,
      unit: "images",
      rate: event.imagesPerSecond,
      secondsLeft: event.secondsLeft,
      detail: device ? `${loss} · ${device}` : loss,
    },
    { columns },
  );
}

function epochLine(
  event: Extract<TrainEvent, { type: "epoch" }>,
  { epochs, numClasses }: { epochs: number; numClasses: number },
): string {
  const { epoch, seconds, waitedSeconds } = event;
  const { lossPerImage, lossPerClass } = shownLoss(event, { numClasses });
  const share = seconds > 0 ? ((100 * waitedSeconds) / seconds).toFixed(1) : "0.0";
  return `epoch ${epoch + 1}/${epochs}: loss ${lossPerImage.toPrecision(4)} per image, ${lossPerClass.toPrecision(3)} per class · ${formatDuration(seconds)}, ${share} % of it waiting for images`;
}

function validationLine(event: ValidationEvent, epochs: number): string {
  const { epoch, raw, ema, best, improved, seconds } = event;
  const { chance } = raw;
  const scores = [
    `mAP(C) ${percent(raw.mapC)}`,
    `mAP(O) ${percent(raw.mapO)} (chance ${percent(chance.mapC)} / ${percent(chance.mapO)})`,
  ];
  if (ema) scores.push(`with averaged weights ${percent(ema.mapC)} / ${percent(ema.mapO)}`);
  const record =
    improved && best ? ` · best so far: ${best.weights === "ema" ? "averaged" : "raw"} weights` : "";
  return `epoch ${epoch + 1}/${epochs}: ${scores.join(", ")}${record} · ${formatDuration(seconds)}`;
}
