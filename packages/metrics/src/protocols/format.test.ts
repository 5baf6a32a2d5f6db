import { expect, test } from "vitest";
import { evaluate } from "../ranking/evaluate.js";
import { perClassCsv } from "./format.js";

test("one line a class, quoted where it must be, empty where there is no AP", () => {
  const { perClass } = evaluate({
    scores: Float32Array.from([0.9, 0.1, 0.2, 0.7]),
    labels: Int8Array.from([1, 1, 0, -1]),
    numClasses: 2,
  });
  const info = [
    { id: "/m/01", name: 'Fiat 500 "topolino", red', group: "G1" },
    { id: "/m/02", name: "Dog" },
  ];
  expect(perClassCsv(perClass, (index) => info[index]!)).toBe(
    'id,name,ap,positives,negatives,lacks,group\n/m/01,"Fiat 500 ""topolino"", red",1,1,1,,G1\n/m/02,Dog,,1,0,noNegatives,\n',
  );
});
