import { CslError } from "../errors/csl-error.js";

/** The key under which an exported model holds its description: ONNX' metadata_props, TensorFlow.js' metadata. */
export const descriptionKey = "csl";

/** The same in safetensors, where "csl" is the format of a checkpoint. */
export const safetensorsDescriptionKey = "description";

/** A class of an exported model: the one of the output with the same position. */
export interface DescribedClass {
  id: string;
  name: string;
  /** A score above it is a tag. It is on the scale of the score; null where none was chosen. */
  threshold: number | null;
}

/** What an exported model says about itself, as JSON. A score is sigmoid(logit / temperature). */
export interface ModelDescription {
  /** Of this description. */
  format: 1;
  /** "tresnet_m", as `--model-name` has it; "tresnet" for a shape without a name. */
  network: string;
  /** Side of the square that images are resized to. */
  imageSize: number;
  /** Whether the model takes images of any size as bytes, and does resizing and division by 255 itself. */
  preprocessing: boolean;
  /** In the order of the outputs. */
  classes: DescribedClass[];
  /** 1 where none was chosen. */
  temperature: number;
  /** The model card, Markdown; empty where there is none. */
  card: string;
}

/**
 * Reads what an exported model says about itself, and checks it: a file may be of another program, or changed.
 *
 * @param source the file, as errors name it
 * @throws CslError `invalid-file` with what was expected and what came; `unsupported` for a later format.
 */
export function parseModelDescription(text: string, source: string): ModelDescription {
  const refuse = (expected: string, got: unknown, cause?: unknown): never => {
    const shown = (typeof got === "string" ? got : (JSON.stringify(got) ?? "nothing")).slice(0, 60);
    throw new CslError(
      "invalid-file",
      `${source}: expected ${expected} in its description, got ${shown}. Was it written by csl export?`,
      { cause },
    );
  };
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    refuse("JSON", text, cause);
  }
  if (!isObject(content)) return refuse("an object", content);
  const { format, network, imageSize, preprocessing, classes, temperature, card } = content;
  if (typeof format === "number" && format > 1)
    throw new CslError(
      "unsupported",
      `${source}: expected a description of format 1, got ${format}. A newer version of this package may read it.`,
    );
  if (format !== 1) refuse("format 1", format);
  if (typeof network !== "string") refuse("the name of a network", network);
  if (!(Number.isSafeInteger(imageSize) && (imageSize as number) > 0)) refuse("an imageSize", imageSize);
  if (typeof preprocessing !== "boolean") refuse("preprocessing to be true or false", preprocessing);
  if (!(Number.isFinite(temperature) && (temperature as number) > 0))
    refuse("a temperature above 0", temperature);
  if (typeof card !== "string") refuse("a text as card", card);
  if (!Array.isArray(classes) || classes.length === 0) return refuse("a list of classes", classes);
  for (const one of classes)
    if (!isClass(one)) refuse("classes with id, name and a threshold from 0 to 1 or null", one);
  return content as unknown as ModelDescription;
}

function isClass(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { id, name, threshold } = value;
  const isShare = typeof threshold === "number" && threshold >= 0 && threshold <= 1;
  return typeof id === "string" && typeof name === "string" && (threshold === null || isShare);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
