import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parsePrior } from "./parse-prior.js";
import { topClasses } from "./prior.js";
import { stringifyPrior } from "./prior-json.js";

const abc = [
  { id: "1", name: "person" },
  { id: "2", name: "cat" },
  { id: "3", name: "cup, blue" },
];
const csv = 'Classes,avg_pred\nperson,0.5\ncat,0.25\n"cup, blue",0.125\n';

test("the reference's own file loads, its stray last line dropped and reported", () => {
  const text = readFileSync(new URL("../../fixtures/prior_fpc_1000.csv", import.meta.url), "utf8");
  const prior = parsePrior(text);
  expect(prior.repairs).toEqual(['line 82: dropped "1542867", a last line without a value']);
  expect(prior.ids.length).toBe(80);
  // method.md 2.2: only person is over .5, 8 classes over .2, 15 over .15, sum 7.94
  expect(prior.values.filter((value) => value > 0.5).length).toBe(1);
  expect(prior.values.filter((value) => value > 0.2).length).toBe(8);
  expect(prior.values.filter((value) => value > 0.15).length).toBe(15);
  expect(prior.values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(7.94, 2);
  expect(topClasses(prior, 4).map(({ id }) => id)).toEqual(["person", "chair", "backpack", "handbag"]);
});

describe("CSV", () => {
  test("without a class list the names are the ids", () => {
    const { ids, values, repairs } = parsePrior(csv);
    expect(ids).toEqual(["person", "cat", "cup, blue"]);
    expect([...values]).toEqual([0.5, 0.25, 0.125]);
    expect(repairs).toEqual([]);
  });

  test("a class list gives ids and order", () => {
    const reversed = parsePrior(csv, { classes: abc.toReversed() });
    expect(reversed.ids).toEqual(["3", "2", "1"]);
    expect([...reversed.values]).toEqual([0.125, 0.25, 0.5]);
    expect(reversed.repairs).toEqual(["rows put into the order of the class list"]);
    expect(parsePrior("id,value\n1,0.5\n2,0.25\n3,0.125", { classes: abc }).repairs).toEqual([]);
  });

  test("repeated names are kept by position where every row agrees with the class list", () => {
    const balls = [
      { id: "/m/1", name: "Ball" },
      { id: "/m/2", name: "Cat" },
      { id: "/m/3", name: "Ball" },
    ];
    const prior = parsePrior("Classes,avg_pred\nBall,0.5\nCat,0.25\nBall,0.125", { classes: balls });
    expect([...prior.values]).toEqual([0.5, 0.25, 0.125]);
    expect(prior.repairs).toEqual([
      'repeated class names ("Ball") kept by position: every row agrees with the class list',
    ]);
    expect(() => parsePrior("Classes,avg_pred\nCat,0.5\nBall,0.25\nBall,0.125", { classes: balls })).toThrow(
      'got "Ball" twice in another order',
    );
  });

  test("a byte-order mark, CRLF, a missing header and rounding past 1 are repaired", () => {
    const prior = parsePrior("\uFEFFperson,1.0000001\r\ncat,0\r\n");
    expect([...prior.values]).toEqual([1, 0]);
    expect(prior.repairs).toEqual([
      "line 1: read as a class, there is no header line",
      "line 1 (person): 1.0000001 set to 1, off by rounding",
    ]);
  });

  test.each([
    ["no text", " \n", "got an empty one"],
    ["a header alone", "Classes,avg_pred\n", "got a header line only"],
    ["a repeated name", "Classes,avg_pred\na,0.1\na,0.2", 'every class name once, got "a" twice'],
    ["a value over 1", "Classes,avg_pred\na,1.5", "prior in [0, 1] at line 2 (a), got 1.5"],
    ["a negative value", "Classes,avg_pred\na,-0.5", "prior in [0, 1] at line 2 (a), got -0.5"],
    ["a value that is no number", "Classes,avg_pred\na,nan\nb,0.5", '"class,number" in line 2, got "a,nan"'],
    ["a missing value in the middle", "Classes,avg_pred\na\nb,0.5", '"class,number" in line 2, got "a"'],
    ["a third column", "Classes,avg_pred\na,0.5,7", '"class,number" in line 2'],
  ])("refuses %s", (_name, text, message) => {
    expect(() => parsePrior(text)).toThrow(message);
  });

  test.each([
    [
      "a row too few",
      "Classes,avg_pred\nperson,0.5\ncat,0.25",
      "each of 3 classes, got 2 rows; without a value: cup, blue",
    ],
    ["a row too many", `${csv}dog,0.5\n`, "each of 3 classes, got 4 rows; not among the classes: dog"],
    ["another class", csv.replace("cat", "dog"), "without a value: cat; not among the classes: dog"],
  ])("with a class list refuses %s", (_name, text, message) => {
    expect(() => parsePrior(text, { classes: abc })).toThrow(message);
  });
});

describe("JSON", () => {
  const prior = {
    ids: ["1", "2", "3"],
    names: ["person", "cat", "cup, blue"],
    values: Float32Array.of(0.1, 1 / 3, 1e-7),
    count: 40,
    source: "ignore run",
  };

  test("comes back bit for bit", () => {
    expect(parsePrior(stringifyPrior(prior))).toEqual({ ...prior, repairs: [] });
  });

  test("is matched to the class list by id", () => {
    const read = parsePrior(stringifyPrior(prior), { classes: abc.toReversed() });
    expect(read.ids).toEqual(["3", "2", "1"]);
    expect([...read.values]).toEqual([...prior.values].reverse());
  });

  test.each([
    ["cut text", stringifyPrior(prior).slice(0, 80), "Is the file cut off?"],
    ["another JSON", '{"classes": []}', 'expected { format: "csl-class-prior"'],
    ["a bare list", "[1, 2]", 'expected { format: "csl-class-prior"'],
    [
      "a null value",
      stringifyPrior({ ids: ["1"], values: Float32Array.of(0.5) }).replace("0.5", "null"),
      "at class 1, got null",
    ],
    [
      "a repeated id",
      stringifyPrior(prior).replace('"id": "2"', '"id": "1"'),
      'every class once, got "1" twice',
    ],
    [
      "an id that is a number",
      stringifyPrior(prior).replace('"id": "2"', '"id": 2'),
      "id as text for class 1, got 2",
    ],
  ])("refuses %s", (_name, text, message) => {
    expect(() => parsePrior(text)).toThrow(message);
  });

  test("a prior of the wrong length is refused with the classes that differ", () => {
    expect(() => parsePrior(stringifyPrior(prior), { classes: abc.slice(0, 2) })).toThrow(
      "expected a prior for these 2 classes, got 3 values; not among the classes: 3",
    );
    expect(() => parsePrior(stringifyPrior(prior), { classes: [...abc, { id: "4", name: "dog" }] })).toThrow(
      "without a value: 4",
    );
  });

  test("stringifyPrior refuses what could not be read again", () => {
    expect(() => stringifyPrior({ ids: ["a"], values: Float32Array.of(Number.NaN) })).toThrow(
      "got NaN for class a",
    );
    expect(() => stringifyPrior({ ids: ["a", "a"], values: Float32Array.of(0, 0) })).toThrow('"a" twice');
    expect(() => stringifyPrior({ ids: ["a"], values: Float32Array.of(0, 0) })).toThrow("1 ids and 2 values");
  });
});
