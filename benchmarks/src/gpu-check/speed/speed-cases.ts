import type { TResNetShape } from "@csl/tresnet";
// The numbers alone: the package would bring TensorFlow.js with it.
import { variants } from "../../../../packages/tresnet/src/shape.js";

export type Task = "train" | "infer";

export interface SpeedCase {
  task: Task;
  network: string;
  size: number;
  batch: number;
  /** Whether PyTorch's compiled contestant takes part; its compiling takes the time of several cases. */
  compile?: boolean;
}

export const networks: Readonly<Record<string, TResNetShape>> = {
  "TResNet-M": variants.m,
  "TResNet-L": variants.l,
  tiny: { layers: [1, 1, 1, 1], width: 0.25, blocks: ["basic", "basic", "bottleneck", "bottleneck"] },
};

/** Classes of every case: those of MS-COCO. */
export const classes = 80;

type Row = [task: Task, network: string, size: number, batch: number, compile?: boolean];

// The most telling first: what does not fit into the time is at the end.
const full: readonly Row[] = [
  ["train", "TResNet-M", 224, 256, true],
  ["infer", "TResNet-M", 224, 256, true],
  ["train", "TResNet-L", 448, 64, true],
  ["infer", "TResNet-L", 448, 64, true],
  ["train", "TResNet-M", 448, 128],
  ["infer", "TResNet-M", 448, 128],
  ["train", "TResNet-L", 224, 256],
  ["infer", "TResNet-L", 224, 256],
  ["train", "TResNet-M", 224, 64],
  ["infer", "TResNet-M", 224, 64],
  ["train", "TResNet-M", 224, 512],
  ["infer", "TResNet-M", 224, 512],
  ["train", "TResNet-L", 224, 512],
  ["infer", "TResNet-L", 448, 256],
];

// Tries the program itself, on any machine.
const tiny: readonly Row[] = [
  ["train", "tiny", 64, 8, true],
  ["infer", "tiny", 64, 8],
  ["train", "tiny", 96, 4],
  ["infer", "tiny", 96, 4],
];

const casesOf = (rows: readonly Row[]): SpeedCase[] =>
  rows.map(([task, network, size, batch, compile = false]) => ({ task, network, size, batch, compile }));

export const speedCases = { full: casesOf(full), tiny: casesOf(tiny) };
