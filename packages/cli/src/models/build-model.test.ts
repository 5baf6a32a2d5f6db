import { type StateDict, saveCheckpoint, writeSafetensors } from "@csl/checkpoints";
import { startEngine } from "@csl/engine";
import { ClassList } from "@csl/labels";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { createTResNet, type TResNetOptions } from "@csl/tresnet";
import { beforeAll, describe, expect, it } from "vitest";
import { legacyTorchFile } from "../../test/legacy-torch-file.js";
import type { ModelOptions } from "../commands/train/train-flags.js";
import { createTerminal } from "../terminal/terminal.js";
import { buildModel } from "./build-model.js";
import { openModel } from "./open-model.js";
import { variants } from "./variants.js";
import type { WeightsReport } from "./weights-report.js";

const { at, file } = temporaryFolder();
const variant = variants.tresnet_tiny;
/** Of the file: three classes. */
let state: StateDict;
const fileClasses = { ids: ["/m/0a", "/m/0b", "/m/0c"], names: ["Cat", "Dog", "Fox"] };
const sameClasses = classesOf([
  ["/m/0a", "Cat"],
  ["/m/0b", "Dog"],
  ["/m/0c", "Fox"],
]);

function classesOf(entries: readonly (readonly [id: string, name: string])[]): ClassList {
  return ClassList.from(entries.map(([id, name]) => ({ id, name })));
}

let written = "";
const terminal = createTerminal({ write: () => {} }, { write: (text: string) => (written += text) });

async function built(
  path: string,
  classes: ClassList,
  { keepHead = false, ...more }: Partial<ModelOptions> = {},
): Promise<{ report: WeightsReport; state: StateDict; written: string }> {
  written = "";
  const own = { modelName: "tresnet_tiny", head: "linear", decoderEmbedding: 768, seed: 5 } as const;
  const options = { ...own, keepHead, offline: true, ...more };
  const { model, report } = await buildModel(options, { path, name: path }, { classes }, terminal);
  const result = await model.stateDict();
  model.dispose();
  return { report: report!, state: result, written };
}

const row = (dict: StateDict, i: number): number[] => {
  const { shape, data } = dict.get("head.fc.weight")!;
  return [...data.subarray(i * shape[1]!, (i + 1) * shape[1]!)];
};

beforeAll(async () => {
  await startEngine({ prefer: "cpu" });
  const model = createTResNet({ variant, numClasses: 3, seed: 3 });
  state = await model.stateDict();
  model.dispose();
  await saveCheckpoint(at("ours.safetensors"), { state, classes: fileClasses, config: {} });
  await writeSafetensors(at("bare.safetensors"), state);
});

const configOf = (changed: object): Record<string, string> => ({
  config: JSON.stringify({ model: { variant, numClasses: 3, head: "linear", ...changed } }),
});
const prefixed = (prefix: string, given: StateDict = state): StateDict =>
  new Map([...given].map(([key, tensor]) => [prefix + key, tensor]));
const extra: StateDict = new Map([["criterion.weight", { shape: [1], data: Float32Array.of(1) }]]);

/** `….conv1.0.0.weight` and `….conv1.0.weight` in timm's names, `….conv1.conv.weight`; `1` is the norm. */
const timmName = (_: string, _blur: string | undefined, part: string, end: string): string =>
  `.${part === "0" ? "conv" : "bn"}.${end}`;

describe("weights of other programs, in both kinds of files", () => {
  it.each<[what: string, prefix: string, beside: StateDict]>([
    ["DataParallel", "module.", new Map()],
    ["a wrapper of one's own", "net.", new Map()],
    ["torch.compile", "_orig_mod.", new Map()],
    ["Lightning", "model.", extra],
    ["an averaged model", "module.", new Map([["n_averaged", { shape: [], data: Float32Array.of(4) }]])],
  ])("%s: loaded, and reported key by key", async (_, prefix, beside) => {
    const tensors = new Map([...prefixed(prefix), ...beside]);
    await writeSafetensors(at("wrapped.safetensors"), tensors, { classes: "red,green", config: "null" });
    const torch = file("wrapped.pth", legacyTorchFile(new Map([["state_dict", tensors]])));
    for (const path of [at("wrapped.safetensors"), torch]) {
      const { report, state: own } = await built(path, sameClasses);
      expect(own.get("body.layer1.0.conv1.0.weight")).toEqual(state.get("body.layer1.0.conv1.0.weight"));
      expect(report.loaded).toEqual([...state.keys()].filter((key) => key.startsWith("body.")));
      expect(report.new).toEqual(["head.fc.weight", "head.fc.bias"]);
      expect(report.notUsed).toEqual(["head.fc.weight", "head.fc.bias", ...beside.keys()]);
      expect([report.missing, report.otherShape]).toEqual([[], []]);
    }
  });

  it.each<[what: string, metadata: Record<string, string>]>([
    ["a list of names", { classes: "red,green" }],
    ["null", { classes: "null", config: "null", training: "null", weights: "null" }],
    ["another program's configuration", { config: '{"model":"resnet50","imageSize":"224"}', format: "pt" }],
    ["numbers", { classes: "3", config: "7" }],
  ])("metadata of other tools: %s", async (_, metadata) => {
    await writeSafetensors(at("foreign.safetensors"), state, metadata);
    expect((await built(at("foreign.safetensors"), sameClasses)).report.missing).toEqual([]);
  });

  it.each<[what: string, metadata: Record<string, string>]>([
    ["classes that are none", { classes: '{"ids":[1]}' }],
    ["classes that repeat", { classes: '{"ids":["a","a","b"]}' }],
    ["more names than ids", { classes: '{"ids":["a"],"names":["a","b"]}' }],
    ["no JSON", { config: "{" }],
    ["a model that does not exist", { config: '{"model":{"variant":"zz","numClasses":3}}' }],
    ["a model of no classes", { config: '{"model":{"variant":"m","numClasses":-1,"head":"linear"}}' }],
    ["more classes than the head", configOf({ numClasses: 4 })],
    ["too many classes", configOf({ numClasses: 1e300 })],
    ["too many layers", configOf({ variant: { ...(variant as object), layers: [1, 1, 1e300, 1] } })],
    ["too wide a network", configOf({ variant: { ...(variant as object), width: 1e6 } })],
    ["an image size in words", { config: '{"imageSize":"large"}' }],
    ["other weights", { weights: "both" }],
  ])("damaged metadata of ours are refused by name: %s", async (_, metadata) => {
    await writeSafetensors(at("damaged.safetensors"), state, { csl: "csl-checkpoint/1", ...metadata });
    await expect(built(at("damaged.safetensors"), sameClasses)).rejects.toThrow(
      expect.objectContaining({
        code: "invalid-file",
        message: expect.stringContaining("damaged.safetensors"),
      }),
    );
  });

  it("of another head give their body to a training, and are no model to evaluate", async () => {
    const body = [...state].filter(([key]) => key.startsWith("body."));
    const decoder = new Map([
      ...body,
      ["head.decoder.query_embed.weight", extra.get("criterion.weight")!],
    ] as const);
    await writeSafetensors(at("decoder.safetensors"), decoder);
    const { report, written } = await built(at("decoder.safetensors"), sameClasses);
    expect(report.notUsed).toEqual(["head.decoder.query_embed.weight"]);
    expect(written).toContain("new: 2, since the file has another (detectTResNet: expected");
    await expect(openModel({ path: at("decoder.safetensors"), name: "decoder" }, terminal)).rejects.toThrow(
      /decoder\.safetensors: expected a head that is known here, got another \(.*ML-Decoder/,
    );
    await expect(built(at("decoder.safetensors"), sameClasses, { keepHead: true })).rejects.toThrow(
      /--keep-head: expected a linear head in .*decoder\.safetensors, got another .*Without --keep-head the body/,
    );
  });

  it.each<[what: string, ends: string[], name: (key: string) => string, prefix: string]>([
    ["model.body", ["safetensors", "pth"], (key) => key, ""],
    ["a Sequential of it", ["pth"], (key) => `0.${key}`, "0."],
    ["timm's model.body", ["safetensors"], (key) => key.replace(/(\.0)?\.([01])\.(\w+)$/, timmName), ""],
  ])("of %s alone give their body to a training (%j)", async (_, ends, name, prefix) => {
    const body = [...state].filter(([key]) => key.startsWith("body."));
    const tensors = new Map(body.map(([key, tensor]) => [name(key.slice("body.".length)), tensor] as const));
    await writeSafetensors(at("body.safetensors"), tensors);
    file("body.pth", legacyTorchFile(tensors));
    for (const path of ends.map((end) => at(`body.${end}`))) {
      const { report, written } = await built(path, sameClasses);
      expect(report.loaded).toEqual(body.map(([key]) => key));
      expect([report.prefix, report.notUsed, report.missing]).toEqual([prefix, [], []]);
      expect(written).toContain("new: 2, since the file has none: it holds a body alone");
      await expect(openModel({ path, name: path }, terminal)).rejects.toThrow(
        /expected a head that is known here, got none: it holds a body alone\. csl train/,
      );
    }
  });

  it("that lack tensors of the body are refused with the first of them", async () => {
    const lacking = new Map(state);
    lacking.delete("body.layer2.0.conv1.0.0.weight");
    await writeSafetensors(at("lacking.safetensors"), lacking);
    await expect(built(at("lacking.safetensors"), sameClasses)).rejects.toThrow(
      /lacking\.safetensors: .*differs at body\.layer2\.0\.conv1\.0\.0\.weight/,
    );
  });
});

describe("the head", () => {
  it("is taken where the classes are the same", async () => {
    const { state: own, report } = await built(at("ours.safetensors"), sameClasses);
    expect(own).toEqual(state);
    expect(report.loaded).toHaveLength(state.size);
  });

  it("starts fresh where they differ or are not known, unless --keep-head says otherwise", async () => {
    const others = classesOf([
      ["1", "Car"],
      ["2", "Bus"],
      ["3", "Van"],
    ]);
    const { report, written } = await built(at("ours.safetensors"), others);
    expect(report.new).toEqual(["head.fc.weight", "head.fc.bias"]);
    expect(written).toContain("since the file's classes differ");
    const bare = await built(at("bare.safetensors"), others);
    expect(bare.written).toContain("since the file names no classes");
    const kept = await built(at("bare.safetensors"), others, { keepHead: true });
    expect(kept.state).toEqual(state);
  });

  it("--keep-head takes over the rows of the same classes, by id, else by name, in any order", async () => {
    const classes = classesOf([
      ["/m/0c", "Renamed"],
      ["7", "Bus"],
      ["8", "cat"],
      ["9", "Van"],
    ]);
    const fresh = createTResNet({ variant, numClasses: 4, seed: 5 });
    const initial = await fresh.stateDict();
    fresh.dispose();
    const { state: own, report, written } = await built(at("ours.safetensors"), classes, { keepHead: true });
    expect(row(own, 0)).toEqual(row(state, 2));
    expect(row(own, 2)).toEqual(row(state, 0));
    expect([row(own, 1), row(own, 3)]).toEqual([row(initial, 1), row(initial, 3)]);
    expect(report.headRows).toEqual({ taken: ["/m/0c", "8"], new: ["7", "9"] });
    expect(written).toMatch(
      /rows of the head taken over: 2 \(\/m\/0c, 8\)\n {2}new rows of the head: 2 \(7, 9\)/,
    );
  });

  it("--keep-head takes no row by a name that two classes have", async () => {
    const classes = classesOf([
      ["1", "Cat"],
      ["2", "Cat"],
      ["3", "Dog"],
    ]);
    const { report } = await built(at("ours.safetensors"), classes, { keepHead: true });
    expect(report.headRows).toEqual({ taken: ["3"], new: ["1", "2"] });
  });

  describe("an ML-Decoder", () => {
    const decoder = { embedding: 16 };
    const wanted = { head: "ml-decoder", decoderEmbedding: 16, keepHead: true } as const;
    const sizes = { variant, numClasses: 3, head: "ml-decoder" } as const;
    const bodyAnd = async (name: string, own: TResNetOptions["decoder"]): Promise<StateDict> => {
      const model = createTResNet({ ...sizes, decoder: { ...decoder, ...own }, seed: 4 });
      const tensors = await model.stateDict();
      const config = { model: model.config };
      model.dispose();
      await saveCheckpoint(at(name), { state: tensors, classes: fileClasses, config });
      return tensors;
    };

    it("gives query, weights and bias of the same classes to one for others, where each class is a query", async () => {
      const given = await bodyAnd("per-class.safetensors", {});
      const classes = classesOf([
        ["/m/0c", "Fox"],
        ["/m/0x", "Owl"],
        ["/m/0a", "Cat"],
        ["/m/0y", "Yak"],
      ]);
      const { report, state: own } = await built(at("per-class.safetensors"), classes, wanted);
      expect(report.headRows).toEqual({ taken: ["/m/0c", "/m/0a"], new: ["/m/0x", "/m/0y"] });
      const rows = (dict: StateDict, key: string, i: number) => {
        const { data, shape } = dict.get(`head.decoder.${key}`)!;
        const size = data.length / shape[0]!;
        return data.slice(i * size, (i + 1) * size);
      };
      for (const key of ["query_embed.weight", "duplicate_pooling", "duplicate_pooling_bias"]) {
        expect(rows(own, key, 0)).toEqual(rows(given, key, 2));
        expect(rows(own, key, 2)).toEqual(rows(given, key, 0));
        if (key !== "duplicate_pooling_bias") expect(rows(own, key, 1)).not.toEqual(rows(given, key, 1));
      }
      const linear = "head.decoder.layers.0.linear1.weight";
      expect(own.get(linear)).toEqual(given.get(linear));
    });

    it("is taken whole for the same classes, and refused in words where nothing can be kept", async () => {
      await bodyAnd("groups.safetensors", { groups: 2 });
      const keep = (more: Partial<ModelOptions>, classes = sameClasses) =>
        built(at("groups.safetensors"), classes, { ...wanted, ...more });
      const { report } = await keep({ numOfGroups: 2, keepHead: false });
      expect([report.new, report.notUsed]).toEqual([[], []]);
      await expect(keep({})).rejects.toThrow(
        /expected a ml-decoder \(width 16, a query per class\) head in .* got a ml-decoder \(width 16, 2 queries\) one\. Use --head ml-decoder --decoder-embedding 16 --num-of-groups 2\./,
      );
      await expect(keep({ head: "linear" })).rejects.toThrow(/got a ml-decoder \(width 16, 2 queries\) one/);
      const other = classesOf(["/m/0a", "2", "3", "4"].map((id) => [id, `class ${id}`]));
      await expect(keep({ numOfGroups: 2 }, other)).rejects.toThrow(
        /a query for each class in .* to take over single classes, got 2 for 3 and 2 for 4/,
      );
    });
  });

  it("--keep-head is refused where there is nothing to keep", async () => {
    const keep = (path: string, classes: ClassList, head: "linear" | "bottleneck" = "linear") =>
      built(path, classes, { keepHead: true, head });
    const four = classesOf(["1", "2", "3", "4"].map((id) => [id, `class ${id}`]));
    await expect(keep(at("ours.safetensors"), four)).rejects.toThrow("got none of them");
    await expect(keep(at("bare.safetensors"), four)).rejects.toThrow(
      /expected 4 outputs in .*bare\.safetensors, which does not name its classes, got 3/,
    );
    await expect(keep(at("ours.safetensors"), sameClasses, "bottleneck")).rejects.toThrow(
      /got a linear one\. Use --head linear/,
    );
  });
});
