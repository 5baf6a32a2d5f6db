import type { StateDict } from "@csl/internal/tensors/state-dict";
import { describe, expect, test } from "vitest";
import { convertTimmStateDict } from "./convert-timm.js";
import { detectTResNet } from "./detect-tresnet.js";
import { stateDictShapes, type TResNetOptions } from "./state-dict-shapes.js";

const tiny = {
  layers: [1, 2, 1, 1],
  width: 0.25,
  blocks: ["basic", "basic", "bottleneck", "bottleneck"],
} as const;

describe("detectTResNet", () => {
  test.each<Required<TResNetOptions>>([
    { variant: "m", numClasses: 80, head: "linear" },
    { variant: "m", numClasses: 9605, head: "bottleneck" },
    { variant: "l", numClasses: 9605, head: "bottleneck" },
    { variant: "xl", numClasses: 20, head: "linear" },
    { variant: "l-v2", numClasses: 9605, head: "bottleneck" },
    { variant: "l-v2", numClasses: 11221, head: "linear" },
  ])("finds %o from its own keys", (options) => {
    expect(detectTResNet(stateDictShapes(options))).toEqual(options);
  });

  test("finds a custom shape that builds the same tensors, and takes module. and tensors", () => {
    const shapes = stateDictShapes({ variant: tiny, numClasses: 7 });
    const state = new Map(
      [...shapes].map(([key, shape]) => [`module.${key}`, { shape, data: new Float32Array(0) }]),
    );
    const found = detectTResNet(state);
    expect(found.variant).toMatchObject(tiny);
    expect(stateDictShapes(found)).toEqual(shapes);
  });

  test("refuses what is no TResNet", () => {
    const shapes = stateDictShapes({ variant: tiny, numClasses: 7 });
    expect(() => detectTResNet(new Map())).toThrow(/state-dict of a TResNet.*no keys/);
    expect(() => detectTResNet(new Map([["conv1.weight", [64, 3, 7, 7]]]))).toThrow(/conv1\.weight/);
    expect(() => detectTResNet(new Map([...shapes, ["extra", [1]]]))).toThrow(/differs at extra/);
    expect(() => detectTResNet(new Map([...shapes, ["head.decoder.x", [1]]]))).toThrow(/ML-Decoder/);
    expect(() => detectTResNet(new Map([["body.conv1.conv.weight", [64, 48, 3, 3]]]))).toThrow(/convertTimm/);
  });
});

describe("convertTimmStateDict", () => {
  /** timm's names of ours, its norm weights being |w| + 1e-5. */
  const timm = (): StateDict => {
    const state: StateDict = new Map();
    for (const [key, shape] of stateDictShapes({ variant: tiny, numClasses: 7 })) {
      const name = key
        .replace(/\.(conv\d|downsample\.\d)\.0\.0\.weight$/, ".$1.conv.weight")
        .replace(/\.(conv\d)\.0\.1\./, ".$1.bn.")
        .replace(/\.(conv\d|downsample\.\d)\.0\.weight$/, ".$1.conv.weight")
        .replace(/\.(conv\d|downsample\.\d)\.1\./, ".$1.bn.");
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(
        name.endsWith(".bn.weight") ? 0.50001 : 2,
      );
      state.set(name, { shape, data });
    }
    return state;
  };

  test("gives the reference's keys, and raw norm weights", () => {
    const given = timm();
    expect(given.has("body.layer3.0.conv2.bn.weight")).toBe(true);
    expect(given.has("body.layer3.0.downsample.1.conv.weight")).toBe(true);
    const converted = convertTimmStateDict(given);
    expect(new Set(converted.keys())).toEqual(
      new Set(stateDictShapes({ variant: tiny, numClasses: 7 }).keys()),
    );
    expect(converted.get("body.layer3.0.conv2.0.1.weight")!.data[0]).toBeCloseTo(0.5, 6);
    expect(converted.get("body.layer3.0.conv2.0.0.weight")!.data[0]).toBe(2);
    expect(converted.get("body.layer1.0.se.fc1.weight")!.data[0]).toBe(2);
  });

  test("leaves the reference's own files alone and refuses raw timm weights", () => {
    const ours: StateDict = new Map([["body.conv1.1.weight", { shape: [1], data: Float32Array.of(-1) }]]);
    expect(convertTimmStateDict(ours)).toEqual(ours);
    const raw = timm();
    raw.get("body.conv1.bn.weight")!.data[0] = -1;
    expect(() => convertTimmStateDict(raw)).toThrow(/at least 0.*body\.conv1\.bn\.weight/);
  });
});
