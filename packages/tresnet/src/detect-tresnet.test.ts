import type { StateDict } from "@csl/internal/tensors/state-dict";
import { describe, expect, test } from "vitest";
import { convertTimmStateDict } from "./convert-timm.js";
import { detectTResNet, detectTResNetBody } from "./detect-tresnet.js";
import { stateDictShapes, type TResNetOptions } from "./state-dict-shapes.js";

const tiny = {
  layers: [1, 2, 1, 1],
  width: 0.25,
  blocks: ["basic", "basic", "bottleneck", "bottleneck"],
} as const;

describe("detectTResNet", () => {
  test.each<TResNetOptions>([
    { variant: "m", numClasses: 80, head: "linear" },
    { variant: "m", numClasses: 9605, head: "bottleneck" },
    { variant: "l", numClasses: 9605, head: "bottleneck" },
    { variant: "xl", numClasses: 20, head: "linear" },
    { variant: "l-v2", numClasses: 9605, head: "bottleneck" },
    { variant: "l-v2", numClasses: 11221, head: "linear" },
    { variant: "l", numClasses: 80, head: "ml-decoder", decoder: { embedding: 768, groups: 80 } },
    { variant: "m", numClasses: 9605, head: "ml-decoder", decoder: { embedding: 768, groups: 200 } },
    { variant: "l", numClasses: 925, head: "ml-decoder", decoder: { embedding: 768, classEmbedding: 300 } },
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
    expect(() => detectTResNet(new Map([...shapes, ["body.extra", [1]]]))).toThrow(/differs at body\.extra/);
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

  /** γ·(f·x - μ) / √(v + 1e-5) + β for one input of one number: a 1×1 convolution and its norm. */
  const output = (scale: number, { filter, mean }: { filter: number; mean: number }): number =>
    (scale * (filter * 0.7 - mean)) / Math.sqrt(0.3 + 1e-5) + 0.1;

  test.each([-2, -1e-3, -1e-5, -3e-6, -0, 0, 4e-6, 1e-5, 2e-5, 0.7])(
    "a norm weight of %d gives the same numbers with a weight of at least 0",
    (gamma) => {
      const given = timm();
      const [filter, mean] = [1.25, -0.6];
      given.get("body.conv1.bn.weight")!.data[1] = gamma;
      given.get("body.conv1.conv.weight")!.data.fill(filter);
      given.get("body.conv1.bn.running_mean")!.data.fill(mean);
      const converted = convertTimmStateDict(given);
      const own = (key: string): Float32Array => converted.get(key)!.data;
      const filters = own("body.conv1.0.weight");
      const size = filters.length / own("body.conv1.1.weight").length;
      const raw = own("body.conv1.1.weight")[1]!;
      expect(raw).toBeGreaterThanOrEqual(0);
      const ours = output(Math.abs(raw) + 1e-5, {
        filter: filters[size]!,
        mean: own("body.conv1.1.running_mean")[1]!,
      });
      const theirs = output(gamma, { filter, mean: Math.fround(mean) });
      expect(Math.abs(ours - theirs)).toBeLessThan(2 ** -23 * Math.max(1, Math.abs(gamma)) * 4);
      // Only that channel changed.
      expect([filters[size - 1], filters[2 * size]]).toEqual([filter, filter]);
      expect(own("body.conv1.1.running_mean")[0]).toBe(Math.fround(mean));
      expect([...own("body.conv1.1.running_var")]).toEqual([...given.get("body.conv1.bn.running_var")!.data]);
    },
  );

  test("puts the parts of an ML-Decoder where the reference has them", () => {
    const decoder = { embedding: 16, groups: 3 };
    const shapes = stateDictShapes({ variant: tiny, numClasses: 7, head: "ml-decoder", decoder });
    const given = new Map(
      [...shapes].map(([key, shape]) => [
        key.replace(/^head\.decoder\.(?!layers)/, "head."),
        { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) },
      ]),
    );
    expect([...given.keys()]).toContain("head.query_embed.weight");
    expect([...convertTimmStateDict(given).keys()]).toEqual([...shapes.keys()]);
  });

  test("leaves the reference's own files alone", () => {
    const ours: StateDict = new Map([["body.conv1.1.weight", { shape: [1], data: Float32Array.of(-1) }]]);
    expect(convertTimmStateDict(ours)).toEqual(ours);
  });

  test("takes wrappers' prefixes off timm's names, too", () => {
    const wrapped = new Map([...timm()].map(([key, tensor]) => [`module.model.${key}`, tensor]));
    expect(detectTResNet(convertTimmStateDict(wrapped)).numClasses).toBe(7);
  });
});

describe("detectTResNetBody", () => {
  const shapes = stateDictShapes({ variant: "m", numClasses: 80 });
  const body = [...shapes].filter(([key]) => key.startsWith("body."));

  test.each([
    ["no head", []],
    ["half an ML-Decoder", ["head.decoder.query_embed.weight", "head.decoder.layers.0.linear1.weight"]],
    ["a head of one's own", ["head.0.weight", "head.2.weight"]],
    ["a head beside the network", ["classifier.weight", "transformer.layers.0.weight"]],
  ])("finds the variant with %s, where detectTResNet finds no head", (_, keys) => {
    const state = new Map([...body, ...keys.map((key): [string, number[]] => [key, [1]])]);
    expect(detectTResNetBody(state)).toEqual({ variant: "m" });
    expect(() => detectTResNet(state)).toThrow(/Its body alone can be used: detectTResNetBody\(\)/);
  });

  test.each<[what: string, change: (shapes: Map<string, number[]>) => void]>([
    ["a missing tensor", (state) => state.delete("body.layer3.5.conv2.0.weight")],
    ["a surplus one", (state) => state.set("body.layer3.5.conv4.0.weight", [1])],
    ["one of another shape", (state) => state.set("body.layer3.5.conv2.0.weight", [1])],
    ["a stem without a shape", (state) => state.set("body.conv1.0.weight", [])],
    ["a block far away", (state) => state.set("body.layer3.999999.conv2.0.weight", [1])],
    [
      "no fourth stage",
      (state) =>
        void [...state.keys()]
          .filter((key) => key.startsWith("body.layer4."))
          .map((key) => state.delete(key)),
    ],
  ])("refuses %s", (_, change) => {
    const state = new Map(body);
    change(state);
    expect(() => detectTResNetBody(state)).toThrow(expect.objectContaining({ code: "mismatch" }));
  });
});
