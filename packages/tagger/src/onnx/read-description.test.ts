import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isCslError } from "@csl/internal/errors/csl-error";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { readDescription } from "./read-description.js";

const model = readFileSync(join(import.meta.dirname, "../../fixtures/colours.onnx"));
const expected = readDescription(model, "m");

/** A file that cannot be read is an error of ours, whatever is in it. */
function readOrRefuse(bytes: Uint8Array): unknown {
  try {
    return readDescription(bytes, "m");
  } catch (error) {
    if (isCslError(error)) return error.code;
    throw error;
  }
}

it("reads the description behind a graph of any size", () => {
  expect(expected.classes.map(({ id }) => id)).toEqual(["r", "g", "b"]);
  // Field 7, the graph, once more with 2^21 bytes in it: a length of four bytes.
  const graph = Buffer.concat([Buffer.from([0x3a, 0x80, 0x80, 0x80, 0x01]), Buffer.alloc(2 ** 21)]);
  expect(readDescription(Buffer.concat([graph, model]), "m")).toEqual(expected);
});

it("a file that is cut anywhere is refused, or lacks what follows the description", () => {
  for (let length = 0; length < model.length; length++)
    expect([expected, "invalid-file"]).toContainEqual(readOrRefuse(model.subarray(0, length)));
});

it("damaged files end in an error of ours or in a description", () => {
  void fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(model.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      (changes) => {
        const bytes = Uint8Array.from(model);
        for (const [at, value] of changes) bytes[at] = value;
        const read = readOrRefuse(bytes);
        expect(typeof read === "string" || typeof read === "object").toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});
