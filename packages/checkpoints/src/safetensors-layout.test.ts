import { describe, expect, it } from "vitest";
import { parseSafetensors } from "./safetensors-bytes.js";

/** A file with this header and so many bytes behind it. */
function fileOf(header: string | Uint8Array, bytes = 16): Buffer {
  const json = Buffer.from(header as string);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(bytes)]);
}
const entry = (from: number | string, to: number | string, shape = "[2]", dtype = "F32"): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${from},${to}]}`;
const whole = `"a":${entry(0, 8)},"b":${entry(8, 16)}`;

describe("a header is read as strictly as Hugging Face's implementation reads it (safetensors 0.8.0)", () => {
  it("reads the whole one, in any order, with spaces behind it and other fields in it", () => {
    const swapped = `{"b":${entry(8, 16)},"a":${entry(0, 8)}}   `;
    for (const header of [`{${whole}}`, swapped, `{"__metadata__":null,${whole}}`])
      expect(parseSafetensors(fileOf(header)).tensors.size).toBe(2);
    const empty = `{"none":${entry(0, 0, "[0,3]")},${whole},"also":${entry(16, 16, "[0]")}}`;
    expect(parseSafetensors(fileOf(empty)).tensors.size).toBe(4);
  });

  it.each([
    ["an offset below zero", `{"a":${entry(-8, 0)},${whole.replaceAll('"a"', '"c"')}}`],
    ["tensors that share bytes", `{"a":${entry(0, 8)},"b":${entry(4, 12)},"c":${entry(12, 16, "[1]")}}`],
    ["the same bytes twice", `{"a":${entry(0, 16, "[4]")},"b":${entry(0, 16, "[4]")}}`],
    ["bytes of no tensor between two", `{"a":${entry(0, 4, "[1]")},"b":${entry(8, 16)}}`],
    ["bytes of no tensor at the beginning", `{"b":${entry(8, 16)}}`],
    ["bytes of no tensor at the end", `{"a":${entry(0, 8)}}`],
    ["no tensors, and bytes", "{}"],
    ["an end before its beginning", `{"a":${entry(8, 0)},"b":${entry(8, 16)}}`],
    ["a fractional size", `{"a":${entry(0, 8, "[1.5]")},"b":${entry(8, 16)}}`],
    ["a size with a point", `{"a":${entry(0, 8, "[2.0]")},"b":${entry(8, 16)}}`],
    ["a size with an exponent", `{"a":${entry(0, 8, "[2e0]")},"b":${entry(8, 16)}}`],
    ["an offset of minus zero", `{"a":${entry("-0", 8)},"b":${entry(8, 16)}}`],
    ["a size below zero", `{"a":${entry(0, 8, "[-1,-2]")},"b":${entry(8, 16)}}`],
    [
      "sizes whose product is too large",
      `{"z":${entry(0, 0, "[4294967296,4294967296,4294967296]")},${whole}}`,
    ],
    ["a size beyond 2^53", `{"a":${entry(0, 8, "[9007199254740993]")},"b":${entry(8, 16)}}`],
    ["three offsets", `{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]},"b":${entry(8, 16)}}`],
    ["a shape that is no list", `{"a":${entry(0, 8, "2")},"b":${entry(8, 16)}}`],
    ["half a byte", `{"a":${entry(0, 16, "[31]", "F4")}}`],
    ["metadata that is a list", `{"__metadata__":[],${whole}}`],
    ["metadata that is a text", `{"__metadata__":"pt",${whole}}`],
    ["metadata with a number", `{"__metadata__":{"epoch":3},${whole}}`],
    ["metadata with null", `{"__metadata__":{"classes":null},${whole}}`],
    ["a list", "[]"],
    ["a text", '"a"'],
    ["null", "null"],
    ["a space before it", ` {${whole}}`],
    ["a byte-order mark", `\uFEFF{${whole}}`],
    ["text behind it", `{${whole}}x`],
    ["a zero byte behind it", `{${whole}}\0`],
    ["half of a surrogate pair", `{${whole.replace('"a"', '"\\ud800"')}}`],
    ["NaN", `{"a":${entry("NaN", 8)},"b":${entry(8, 16)}}`],
    // Hugging Face's takes the last of two; its format's page says that keys must not repeat.
    ["a name twice", `{"a":${entry(0, 8)},${whole}}`],
    ["a name twice, written in two ways", `{"\\u0061":${entry(0, 8)},${whole}}`],
    ["a field twice", `{"a":{"shape":[3],${entry(0, 8).slice(1)},"b":${entry(8, 16)}}`],
  ])("refuses %s", (_, header) => {
    expect(() => parseSafetensors(fileOf(header))).toThrow(
      expect.objectContaining({ name: "CslError", code: "invalid-file" }),
    );
  });

  it("refuses a header that is not UTF-8, an empty one, and one of more than 100 MB, without looking for it", () => {
    const latin1 = Buffer.from(`{${whole.replace('"a"', '"ä"')}}`, "latin1");
    expect(() => parseSafetensors(fileOf(latin1))).toThrow("one whose header is not UTF-8");
    expect(() => parseSafetensors(fileOf(""))).toThrow("expected a safetensors file");
    const claim = fileOf(`{${whole}}`);
    claim.writeBigUInt64LE(100_000_001n);
    expect(() => parseSafetensors(claim)).toThrow("header has 100000001 bytes, more than 100000000");
  });

  it("says which tensor is wrong and where", () => {
    const overlap = `{"a":${entry(0, 8)},"b":${entry(4, 12)}}`;
    expect(() => parseSafetensors(fileOf(overlap, 12))).toThrow(
      'expected "b" to begin at byte 8 of the numbers, where the one before ends, got 4.',
    );
    expect(() => parseSafetensors(fileOf(`{${whole}}`, 17))).toThrow("there is more behind its tensors");
    expect(() => parseSafetensors(fileOf(`{"a":${entry(0, 8, "[3]")}}`, 8))).toThrow(
      'expected the numbers of "a" to fill [3] as F32, got 8 bytes.',
    );
  });
});

describe("tensors of other dtypes", () => {
  it("are read where they are integers and booleans, and else named", () => {
    const header = [
      `"bool":${entry(0, 2, "[2]", "BOOL")}`,
      `"byte":${entry(2, 4, "[2]", "U8")}`,
      `"short":${entry(4, 8, "[2]", "I16")}`,
      `"int":${entry(8, 16, "[2]", "I32")}`,
      `"fp8":${entry(16, 18, "[2]", "F8_E4M3")}`,
      `"complex":${entry(18, 34, "[2]", "C64")}`,
      `"fp4":${entry(34, 36, "[4]", "F4")}`,
    ].join();
    const bytes = fileOf(`{${header}}`, 36);
    const start = bytes.length - 36;
    bytes.set([1, 0, 255, 7], start);
    bytes.writeInt16LE(-3, start + 4);
    bytes.writeInt32LE(-70000, start + 12);
    const { tensors, unread } = parseSafetensors(bytes);
    expect(Object.fromEntries([...tensors].map(([key, { data }]) => [key, [...data]]))).toEqual({
      bool: [1, 0],
      byte: [255, 7],
      short: [-3, 0],
      int: [0, -70000],
    });
    expect(unread).toEqual([
      { key: "fp8", dtype: "F8_E4M3", shape: [2] },
      { key: "complex", dtype: "C64", shape: [2] },
      { key: "fp4", dtype: "F4", shape: [4] },
    ]);
  });

  it("a dtype that the format does not have is refused by name", () => {
    expect(() => parseSafetensors(fileOf(`{"a":${entry(0, 16, "[2]", "toString")}}`))).toThrow(
      expect.objectContaining({ code: "unsupported", message: expect.stringContaining("got toString") }),
    );
  });
});
