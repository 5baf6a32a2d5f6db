import { describe, expect, it } from "vitest";
import { CslError, cslErrorCodes, isCslError } from "./csl-error.js";

describe("CslError", () => {
  it("keeps code, message and cause", () => {
    const cause = new Error("why");
    const error = new CslError("not-found", "f: expected a file at a, got nothing. Is the path right?", {
      cause,
    });
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.cause]).toEqual(["CslError", "not-found", cause]);
  });

  it("is recognised by name and code, also from another copy of the class", () => {
    const copy = Object.assign(new Error("f: …"), { name: "CslError", code: "mismatch" });
    expect(isCslError(copy)).toBe(true);
    expect(isCslError(copy, "mismatch")).toBe(true);
    expect(isCslError(copy, "not-found")).toBe(false);
  });

  it("takes nothing else for one", () => {
    const others: unknown[] = [
      undefined,
      "CslError",
      { name: "CslError", code: "mismatch" },
      Object.assign(new Error("a"), { code: "mismatch" }),
      Object.assign(new Error("a"), { name: "CslError", code: "ENOENT" }),
      Object.assign(new Error("a"), { name: "CslError", code: "toString" }),
    ];
    for (const other of others) expect(isCslError(other)).toBe(false);
  });

  it("says in words what each code means", () => {
    for (const meaning of Object.values(cslErrorCodes)) expect(meaning.length).toBeGreaterThan(10);
  });
});
