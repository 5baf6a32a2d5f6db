import { CslError } from "@csl/internal/errors/csl-error";
import {
  descriptionKey,
  type ModelDescription,
  parseModelDescription,
} from "@csl/internal/model-description/model-description";
import { fieldsOf, textOf } from "./protobuf-fields.js";

/** Numbers of fields in onnx.proto: ModelProto.metadata_props, and key and value of StringStringEntryProto. */
const METADATA = 14;
const KEY = 1;
const VALUE = 2;

/**
 * What an exported model says about itself. onnxruntime's JavaScript does not give a file's metadata, so they are read from its bytes.
 *
 * @param source the model, as errors name it
 * @throws CslError `invalid-file` when the bytes are no ONNX model, or one without a description.
 */
export function readDescription(model: Uint8Array, source: string): ModelDescription {
  let text: string | undefined;
  try {
    for (const { field, bytes } of fieldsOf(model)) {
      if (field !== METADATA || !bytes) continue;
      const entry = new Map([...fieldsOf(bytes)].map((one) => [one.field, one.bytes]));
      if (textOf(entry.get(KEY)) === descriptionKey) text = textOf(entry.get(VALUE));
    }
  } catch (cause) {
    throw new CslError(
      "invalid-file",
      `${source}: expected an ONNX model, got ${model.length} bytes of something else, or a part of one. Write it with csl export --format onnx.`,
      { cause },
    );
  }
  if (text === undefined)
    throw new CslError(
      "invalid-file",
      `${source}: expected an ONNX model with the classes in its metadata ("${descriptionKey}"), got none. Write it with csl export --format onnx.`,
    );
  return parseModelDescription(text, source);
}
