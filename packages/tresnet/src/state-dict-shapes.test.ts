import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isParameter, stateDictShapes, type TResNetOptions } from "./state-dict-shapes.js";

const keyFile = (name: string): string =>
  readFileSync(join(import.meta.dirname, "../fixtures", name), "utf8").trim();

/** The fixtures' line form: Python's tuple of the shape. */
const line = ([key, shape]: [string, number[]]): string =>
  `${key} (${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

const parameters = (options: TResNetOptions): number =>
  [...stateDictShapes(options)]
    .filter(([key]) => isParameter(key))
    .reduce((sum, [, shape]) => sum + shape.reduce((a, b) => a * b, 1), 0);

describe("stateDictShapes", () => {
  // Lists of the reference's own modules, with the OpenImages head.
  test.each([
    ["m", "keys_tresnet_m_oi.txt"],
    ["l-v2", "keys_tresnet_l_v2_oi.txt"],
  ] as const)("%s equals the reference's keys, order and shapes", (variant, file) => {
    const shapes = stateDictShapes({ variant, numClasses: 9605, head: "bottleneck" });
    expect([...shapes].map(line).join("\n")).toBe(keyFile(file));
  });

  // Parameter counts of the reference's models, counted in PyTorch.
  test.each<[TResNetOptions, number, number]>([
    [{ variant: "m", numClasses: 80 }, 29_503_952, 434],
    [{ variant: "m", numClasses: 9605, head: "bottleneck" }, 35_316_485, 436],
    [{ variant: "l", numClasses: 80 }, 53_750_896, 620],
    [{ variant: "l", numClasses: 9605, head: "bottleneck" }, 59_729_317, 622],
    [{ variant: "xl", numClasses: 80 }, 75_991_804, 752],
    [{ variant: "l-v2", numClasses: 80 }, 44_289_744, 746],
    [{ variant: "l-v2", numClasses: 11_221 }, 67_117_653, 746],
    [{ variant: "l-v2", numClasses: 9605, head: "bottleneck" }, 50_102_277, 748],
    [{ variant: "l-v2", numClasses: 9605 }, 63_806_469, 746],
  ])("%o has the reference's parameter and key counts", (options, count, keys) => {
    expect(parameters(options)).toBe(count);
    expect(stateDictShapes(options).size).toBe(keys);
  });

  test("errors name what was expected and what came", () => {
    expect(() => stateDictShapes({ variant: "s" as "m", numClasses: 8 })).toThrow(/m, l, xl, l-v2.*"s"/);
    expect(() => stateDictShapes({ variant: "m", numClasses: 0 })).toThrow(/numClasses.*got 0/);
    expect(() => stateDictShapes({ variant: "m", numClasses: 8, head: "x" as "linear" })).toThrow(
      /head.*"x"/,
    );
    const tiny = {
      layers: [1, 1, 1, 1],
      width: 0.25,
      blocks: ["basic", "basic", "bottleneck", "bottleneck"],
    } as const;
    expect(() => stateDictShapes({ variant: { ...tiny, width: 0.001 }, numClasses: 8 })).toThrow(/width/);
    expect(() => stateDictShapes({ variant: { ...tiny, layers: [1, 1, 0, 1] }, numClasses: 8 })).toThrow(
      /layers.*\[1,1,0,1\]/,
    );
    expect(() =>
      stateDictShapes({ variant: { ...tiny, slopes: { stem: 0, block: 1 } }, numClasses: 8 }),
    ).toThrow(/slopes/);
  });
});
