import { describe, expect, it } from "vitest";
import { checkOptions } from "./check-options.js";
import { isCslError } from "./csl-error.js";

interface Options {
  gamma?: number;
  topK?: number;
}
const known = { gamma: true, topK: true } as const;
const thrown = (options: object): unknown => {
  try {
    checkOptions<Options>("selective", options as Options, known);
  } catch (error) {
    return error;
  }
  return undefined;
};

describe("checkOptions", () => {
  it("takes what it knows, also as undefined", () => {
    expect(thrown({})).toBeUndefined();
    expect(thrown({ gamma: 1, topK: undefined })).toBeUndefined();
  });

  it("refuses a name that it does not know, and lists those that it knows", () => {
    const error = thrown({ topk: 1 });
    expect(isCslError(error, "unknown-option")).toBe(true);
    expect((error as Error).message).toBe('selective: unknown option "topk". Known: gamma, topK.');
  });

  it("knows only its own names", () => {
    expect(isCslError(thrown({ toString: 1 }), "unknown-option")).toBe(true);
    expect(isCslError(thrown(JSON.parse('{"__proto__": 1}')), "unknown-option")).toBe(true);
  });

  it("refuses what is no object", () => {
    for (const wrong of [null, 4, "a", [1]])
      expect(isCslError(thrown(wrong as object), "invalid-argument")).toBe(true);
  });
});
