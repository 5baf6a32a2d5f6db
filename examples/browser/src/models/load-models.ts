import { parseCheckpoint, type StateDict } from "@csl/checkpoints/browser";
import { detectTResNet, type TResNetArchitecture } from "@csl/tresnet";
import type { Manifest } from "./manifest.js";

export interface Model {
  id: string;
  name: string;
  /** mAP(C) on the quick start's new images, a fraction. */
  mapC: number;
  sha256: string;
  architecture: TResNetArchitecture;
  state: StateDict;
  /** Of the square that images are resized to. */
  side: number;
}

/** What the page works with: models of the same classes and image size. */
export interface Models {
  /** The first one tags, and its body gives the features. */
  models: readonly [Model, ...Model[]];
  classes: readonly { id: string; name: string }[];
  /** A logit per class that a tag of the first model exceeds. */
  thresholds: Float32Array;
  manifest: Manifest;
}

/** Where the page's models lie. */
export const modelsAddress = new URL("models/", document.baseURI);

/** @throws Error in words; `undefined` where the page has no models */
export async function loadModels(): Promise<Models | undefined> {
  const found = await fetch(new URL("models.json", modelsAddress));
  if (found.status === 404) return undefined;
  const manifest = (await expectFound(found, "models.json")).json() as Promise<Manifest>;
  const { models: described, thresholds } = await manifest;
  const opened = await Promise.all(described.map(openModel));
  const [first, ...others] = opened;
  if (!first) return undefined;
  const ids = (one: (typeof opened)[number]): string => JSON.stringify([one.classes, one.side]);
  const other = others.find((one) => ids(one) !== ids(first));
  if (other)
    throw new Error(
      `${other.name}: expected the classes and the image size of ${first.name}, got others. Copy the models of one run: pnpm --filter @csl/example-browser models`,
    );
  return {
    models: [first, ...others],
    classes: first.classes,
    thresholds: Float32Array.from(first.classes, ({ id }) => thresholds.classes[id] ?? thresholds.global),
    manifest: await manifest,
  };
}

async function openModel({ id, name, file, sha256, mapC }: Manifest["models"][number]) {
  const answer = await expectFound(await fetch(new URL(file, modelsAddress)), file);
  const checkpoint = parseCheckpoint(new Uint8Array(await answer.arrayBuffer()), { name: file });
  const { state, classes, config } = checkpoint;
  const side = (config as { imageSize?: unknown } | undefined)?.imageSize;
  if (!classes || typeof side !== "number")
    throw new Error(
      `${file}: expected a checkpoint of csl train with its classes and image size, got one without.`,
    );
  const named = classes.ids.map((one, i) => ({ id: one, name: classes.names?.[i] ?? one }));
  return { id, name, mapC, sha256, architecture: detectTResNet(state), state, side, classes: named };
}

async function expectFound(answer: Response, file: string): Promise<Response> {
  if (answer.ok) return answer;
  throw new Error(
    `models/${file}: the server answered ${answer.status}. Copy the models again: pnpm --filter @csl/example-browser models`,
  );
}
