import { ClassList } from "@csl/labels";
import { createTResNet, type TResNet, type TResNetConfig } from "@csl/tresnet";
import { loadCheckpoint } from "../checkpoint.js";

/** A trained model as a checkpoint describes it. */
export interface OpenedModel {
  model: TResNet;
  classes: ClassList;
  /** Side of the square that the model was trained on. */
  imageSize: number;
}

interface CheckpointConfig {
  model?: TResNetConfig;
  imageSize?: number;
}

/** Builds the model that a checkpoint holds: architecture, classes and picture size come out of the file. */
export async function openModel(path: string): Promise<OpenedModel> {
  const checkpoint = await loadCheckpoint(path);
  const config = (checkpoint.config ?? {}) as CheckpointConfig;
  if (!config.model || !checkpoint.classes) {
    throw new Error(
      `csl: ${path} does not say which model and classes it holds. Was it written by csl train?`,
    );
  }
  const { ids, names } = checkpoint.classes;
  const classes = ClassList.from(ids.map((id, i) => ({ id, name: names?.[i] ?? id })));
  const model = createTResNet(config.model);
  model.loadStateDict(checkpoint.state);
  return { model, classes, imageSize: config.imageSize ?? 448 };
}
