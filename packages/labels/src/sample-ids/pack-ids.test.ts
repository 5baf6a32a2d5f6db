import { mulberry32 } from "@csl/internal/random/mulberry32";
import { expect, test } from "vitest";
import { HexIds } from "./hex-ids.js";
import { hexSampleIds, sampleIdsFrom, textSampleIds } from "./pack-ids.js";
import { TextIds } from "./text-ids.js";

const random = mulberry32(5);
const hex = (): string => Array.from({ length: 16 }, () => Math.floor(random() * 16).toString(16)).join("");
const many = Array.from({ length: 500 }, hex);

// Property suite: packed ids must answer like the array they came from.
const lists: Record<string, string[]> = {
  "hex, sorted": [...many].sort(),
  "hex, unsorted, with repeats": [...many, many[7]!, many[0]!, many[7]!],
  "hex, sorted, with repeats": [...many, many[7]!, many[7]!].sort(),
  "hex at the ends of 32 and 53 bits": [
    "0000000000000000",
    "00000000ffffffff",
    "0020000000000001",
    "ffffffffffffffff",
  ],
  texts: ["b.jpg", "a.jpg", "täg/画.jpg", "", "b.jpg", "0123456789ABCDEF"],
  none: [],
};
for (const [name, list] of Object.entries(lists)) {
  test(`${name}: as the plain array`, () => {
    const ids = sampleIdsFrom(list);
    expect(ids).toBeInstanceOf(name === "texts" ? TextIds : HexIds);
    expect([...ids]).toEqual(list);
    expect(ids.length).toBe(list.length);
    for (const id of [...list, hex(), "x", "0123456789abcdeg"])
      expect(ids.indexOf(id)).toBe(list.indexOf(id));
    expect(list.map((_, i) => ids.isRepeat(i))).toEqual(list.map((id, i) => list.indexOf(id) !== i));
    const chosen = list.length > 3 ? [3, 0, 3, list.length - 1] : [];
    expect([...ids.select(chosen)]).toEqual(chosen.map((i) => list[i]));
    expect(() => ids.at(list.length)).toThrow("SampleIds: expected an index below");
    expect(sampleIdsFrom(ids)).toBe(ids);
  });
}

test("halves of a surrogate pair in neighbouring ids shift no other id", () => {
  const ids = sampleIdsFrom(["a\ud83d", "\ude00b", "c"]);
  expect([...ids]).toEqual(["a\ufffd", "\ufffdb", "c"]);
  expect(ids.indexOf("c")).toBe(2);
});

test("ids by their words, and what is no id", () => {
  expect([...hexSampleIds(Uint32Array.of(0x26e7, 0xee790996))]).toEqual(["000026e7ee790996"]);
  expect([...textSampleIds(Buffer.from("aébc"), Uint32Array.of(3, 3, 5))]).toEqual(["aé", "", "bc"]);
  expect(() => hexSampleIds(new Uint32Array(3))).toThrow("expected two words an id, got 3");
  expect(() => sampleIdsFrom([7 as unknown as string])).toThrow("sampleIdsFrom: expected texts, got 7 at 0");
});
