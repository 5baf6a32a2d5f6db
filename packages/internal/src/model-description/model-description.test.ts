import { expect, it } from "vitest";
import { type ModelDescription, parseModelDescription } from "./model-description.js";

const description: ModelDescription = {
  format: 1,
  network: "tresnet_m",
  imageSize: 224,
  preprocessing: true,
  classes: [
    { id: "/m/0a", name: "Apple", threshold: 0.5 },
    { id: "/m/0b", name: "Pear", threshold: null },
  ],
  temperature: 1.5,
  card: "# A model\n",
};

it("reads what was written", () => {
  expect(parseModelDescription(JSON.stringify(description), "m.onnx")).toEqual(description);
});

it.each([
  ["not JSON", "{", "expected JSON"],
  ["a list", "[]", "expected an object"],
  ["no format", JSON.stringify({ ...description, format: undefined }), "expected format 1"],
  [
    "a network without name",
    JSON.stringify({ ...description, network: 1 }),
    "expected the name of a network",
  ],
  ["half a pixel", JSON.stringify({ ...description, imageSize: 22.5 }), "expected an imageSize"],
  [
    "preprocessing as text",
    JSON.stringify({ ...description, preprocessing: "no" }),
    "expected preprocessing",
  ],
  [
    "a temperature of 0",
    JSON.stringify({ ...description, temperature: 0 }),
    "expected a temperature above 0",
  ],
  ["no card", JSON.stringify({ ...description, card: null }), "expected a text as card"],
  ["no classes", JSON.stringify({ ...description, classes: [] }), "expected a list of classes"],
  [
    "a threshold above 1",
    JSON.stringify({ ...description, classes: [{ id: "a", name: "a", threshold: 2 }] }),
    "expected classes with id, name and a threshold",
  ],
])("refuses %s", (_what, text, expected) => {
  expect(() => parseModelDescription(text, "m.onnx")).toThrow(`m.onnx: ${expected}`);
});

it("asks for a newer version where the format is a later one", () => {
  expect(() => parseModelDescription(JSON.stringify({ ...description, format: 2 }), "m.onnx")).toThrow(
    expect.objectContaining({ code: "unsupported" }),
  );
});
