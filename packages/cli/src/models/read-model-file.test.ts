import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StateDict } from "@csl/checkpoints";
import { saveCheckpoint } from "@csl/checkpoints";
import { startEngine } from "@csl/engine";
import { createTResNet, type TResNetShape } from "@csl/tresnet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { legacyTorchFile } from "../../test/legacy-torch-file.js";
import { timmStateDict } from "../../test/timm-weights.js";
import { runCommand } from "../run-command.js";
import { readModelFile } from "./read-model-file.js";

const tiny: TResNetShape = {
  layers: [1, 1, 1, 1],
  width: 0.25,
  blocks: ["basic", "basic", "basic", "basic"],
};
let folder: string;
let state: StateDict;
let classes: { ids: string[]; names: string[] };
const at = (name: string): string => join(folder, name);
const save = (name: string, ...value: Parameters<typeof legacyTorchFile>): Promise<void> =>
  writeFile(at(name), legacyTorchFile(...value));
const wrapped = (given: StateDict): StateDict =>
  new Map([...given].map(([key, tensor]) => [`module.${key}`, tensor]));

/** Runs a command line: its results, then what it written. */
async function csl(...args: (string | number)[]): Promise<{ printed: string; written: string }> {
  let printed = "";
  let written = "";
  await runCommand(args.map(String), {
    out: { write: (text: string) => (printed += text) },
    err: { write: (text: string) => (written += text) },
  });
  return { printed, written };
}
const data = (): (string | number)[] => [
  ...["--data", at("scenes"), "--workers", 0, "--batch-size", 8, "--engine", "wasm"],
];
const evaluate = (model: string, ...more: (string | number)[]) =>
  csl("evaluate", ...data(), "--image-size", 64, "--model-path", at(model), ...more);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "csl-pth-"));
  await csl("scenes", at("scenes"), "--train", 16, "--val", 24, "--ood", 8, "--classes", 3);
  await startEngine({ prefer: "wasm" });
  const model = createTResNet({ variant: tiny, numClasses: 3, seed: 3 });
  state = await model.stateDict();
  const { categories } = JSON.parse(await readFile(at("scenes/annotations/instances_val.json"), "utf8"));
  classes = {
    ids: categories.map(({ id }: { id: number }) => String(id)),
    names: categories.map(({ name }: { name: string }) => name),
  };
  const config = { model: model.config, imageSize: 64 };
  await saveCheckpoint(at("ours.safetensors"), { state, classes, config });
  model.dispose();
  await save("bare.pth", state);
  await save(
    "training.pth.tar",
    new Map<string, StateDict | number>([
      ["epoch", 3],
      ["state_dict", wrapped(state)],
    ]),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("files of PyTorch's as --model-path", () => {
  it("keep the classes that thresholds were chosen for, though they do not name them themselves", async () => {
    await evaluate("bare.pth", "--thresholds", at("bare.json"));
    const infer = (model: string) =>
      csl(
        ...["infer", "--data", at("scenes"), "--count", 1, "--engine", "wasm", "--input-size", 64],
        ...["--out", at("tags"), "--model-path", at(model), "--thresholds", at("bare.json")],
      );
    expect((await infer("bare.pth")).written).toMatch(/thresholds: one per class, from .*bare\.json/);
    const { images } = JSON.parse(await readFile(at("tags/tags.json"), "utf8"));
    const thresholds = JSON.parse(await readFile(at("bare.json"), "utf8"));
    for (const { id, name, threshold } of images[0].tags) {
      expect(name).toBe(classes.names[classes.ids.indexOf(id)]);
      expect(threshold).toBeCloseTo(thresholds.classes[id].probability, 6);
    }
    expect(classes.ids.map((id) => thresholds.classes[id].output)).toEqual([0, 1, 2]);
    await expect(infer("training.pth.tar")).rejects.toThrow(
      /expected thresholds that were chosen for .*training\.pth\.tar, which does not name its classes, got .*bare\.json/,
    );
  });

  it("are scored as the same weights in a checkpoint of ours, the classes taken from the data", async () => {
    const ours = await evaluate("ours.safetensors");
    const bare = await evaluate("bare.pth");
    expect(bare.printed).toBe(ours.printed);
    expect(bare.written).toMatch(
      /classes: the 3 of .*scenes, in their order; .*bare\.pth does not name its own/,
    );
    const training = await evaluate("training.pth.tar");
    expect(training.printed).toBe(ours.printed);
    expect(training.written).toMatch(/weights: .*training\.pth\.tar, its state_dict/);
  });

  it("with names next to the weights are held against the data's", async () => {
    const named = (names: readonly string[]) =>
      new Map<string, StateDict | Map<number, string>>([
        ["model", state],
        ["idx_to_class", new Map(names.map((name, i) => [i, name]))],
      ]);
    await save("named.pth", named(classes.names));
    expect((await evaluate("named.pth")).written).toMatch(/in their order; the names agree/);
    await save("others.pth", named([...classes.names].reverse()));
    await expect(evaluate("others.pth")).rejects.toThrow(
      `output 0 is "${classes.names[2]}", class 0 of the data is "${classes.names[0]}"`,
    );
  });

  it("tag images: by number, by MID, and by the names of --class-names", async () => {
    const image = at(`scenes/val/${(await readdir(at("scenes/val")))[0]}`);
    const infer = async (model: string, ...more: string[]): Promise<string> =>
      (
        await csl(
          "infer",
          image,
          "--model-path",
          at(model),
          "--input-size",
          64,
          "--engine",
          "wasm",
          ...["--th", 0, "--top-k", 1],
          "--out",
          at("infer"),
          ...more,
        )
      ).printed;
    expect(await infer("bare.pth")).toMatch(/output \d/);
    await save(
      "mids.pth",
      new Map<string, StateDict | Map<number, string>>([
        ["model", state],
        [
          "idx_to_class",
          new Map([
            [0, "/m/0a"],
            [1, "/m/0b"],
            [2, "/m/0c"],
          ]),
        ],
      ]),
    );
    expect(await infer("mids.pth")).toMatch(/\/m\/0[abc]/);
    await writeFile(at("names.csv"), "LabelName,DisplayName\n/m/0a,Apple\n/m/0b,Apple\n/m/0c,Apple\n");
    expect(await infer("mids.pth", "--class-names", at("names.csv"))).toMatch(/Apple/);
    await writeFile(at("wrong.csv"), "/m/0x,Axe\n");
    await expect(infer("mids.pth", "--class-names", at("wrong.csv"))).rejects.toThrow(/with none of them/);
  });

  it("are weights to start a training from, with a new head", async () => {
    const { written } = await csl(
      ...["train", ...data(), "--model-name", "tresnet_tiny", "--model-path", at("training.pth.tar")],
      ...["--image-size", 64, "--epochs", 1, "--augment", "none", "--path-dest", at("run")],
    );
    expect(written).toMatch(
      /training\.pth\.tar, its state_dict\n.*\n {2}new: 2, since the file names no classes/,
    );
  });

  it("of another width or depth are refused before anything is trained", async () => {
    const wide = createTResNet({ variant: { ...tiny, width: 0.5 }, numClasses: 3 });
    await save("wide.pth", await wide.stateDict());
    wide.dispose();
    await expect(
      csl(
        "train",
        ...data(),
        "--model-name",
        "tresnet_tiny",
        "--model-path",
        at("wide.pth"),
        "--path-dest",
        at("no"),
      ),
    ).rejects.toThrow(/wide\.pth lacks \d+ tensors of tresnet_tiny, first body\.conv1\.0\.weight/);
  });

  it("with another number of outputs, or of another network, say so", async () => {
    const four = createTResNet({ variant: tiny, numClasses: 4 });
    await save("four.pth", await four.stateDict());
    four.dispose();
    await expect(evaluate("four.pth")).rejects.toThrow(/expected a model for the 3 classes of .* with 4/);
    await save("resnet.pth", new Map([["layer1.0.weight", { shape: [1], data: Float32Array.of(1) }]]));
    await expect(evaluate("resnet.pth")).rejects.toThrow(
      /resnet\.pth: detectTResNet: expected the state-dict of a TResNet, got one without body\.conv1/,
    );
    await writeFile(at("broken.pth"), (await readFile(at("bare.pth"))).subarray(0, -5));
    await expect(evaluate("broken.pth")).rejects.toThrow(
      /broken\.pth: expected \d+ bytes or more, .* cut off/,
    );
    await expect(evaluate("absent.pth")).rejects.toThrow(/absent\.pth/);
  });
});

describe("readModelFile", () => {
  it("turns timm's names and norm weights into the reference's", async () => {
    await save("timm.pth", new Map([["state_dict_ema", timmStateDict(state)]]));
    const read = await readModelFile(at("timm.pth"));
    expect(read.model).toMatchObject({ numClasses: 3, head: "linear" });
    expect(read.part).toBe("state_dict_ema");
    expect(new Set(read.state.keys())).toEqual(new Set(state.keys()));
    const key = "body.layer2.0.conv1.0.0.weight";
    expect(read.state.get(key)).toEqual(state.get(key));
  });
});
