import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import {
  loadCheckpoint,
  readSafetensors,
  type StateDict,
  saveCheckpoint,
  writeSafetensors,
} from "@csl/checkpoints";
import { startEngine } from "@csl/engine";
import { hashFile } from "@csl/internal/files/hash-file";
import { parseModelDescription } from "@csl/internal/model-description/model-description";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { convertTimmStateDict, createTResNet } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs-core";
import { InferenceSession } from "onnxruntime-node";
import { beforeAll, describe, expect, it } from "vitest";
import { variants } from "../../models/variants.js";
import { runCommand } from "../../run-command.js";
import { thresholdsName, writeThresholds } from "../../thresholds/thresholds-file.js";

const { at, file } = temporaryFolder();

async function csl(...args: (string | number)[]): Promise<{ printed: string; told: string }> {
  const [out, err] = [[], []] as [string[], string[]];
  await runCommand(args.map(String), {
    out: { write: (text: string) => out.push(text) },
    err: { write: (text: string) => err.push(text) },
  });
  return { printed: out.join(""), told: err.join("") };
}

const classes = { ids: ["a", "b", "c"], names: ["Apple", "Pear", "Plum"] };
const model = { variant: variants.tresnet_tiny, numClasses: 3, head: "linear" as const };
let state: StateDict;

/** The description in a file: what is between its first brace and its last. */
const described = (path: string) => {
  const text = readFileSync(path, "latin1");
  const from = text.indexOf('{"format":1');
  for (let to = text.indexOf("}", from); ; to = text.indexOf("}", to + 1))
    try {
      return parseModelDescription(Buffer.from(text.slice(from, to + 1), "latin1").toString("utf8"), path);
    } catch {
      if (to < 0) throw new Error(`no description in ${path}`);
    }
};

beforeAll(async () => {
  await startEngine({ prefer: "wasm" });
  const network = createTResNet({ ...model, seed: 4 });
  state = await network.stateDict();
  network.dispose();
  mkdirSync(at("run"));
  await saveCheckpoint(at("run", "best.safetensors"), { state, classes, config: { model, imageSize: 64 } });
  writeFileSync(at("run", "MODEL_CARD.md"), "---\nlibrary_name: csl\n---\n\n# A card\n");
  const one = { name: "", source: "own", positives: 1, negatives: 1, probability: 0.5 };
  await writeThresholds(at("run", thresholdsName), {
    criterion: { name: "f1" } as never,
    ...{ global: { logit: 0, probability: 0.5 }, temperature: 2 },
    checkpoint: { file: "best.safetensors", sha256: await hashFile(at("run", "best.safetensors")) },
    data: { dataset: "custom", split: "val", images: 1, labels: "" },
    estimate: {} as never,
    classes: { a: { ...one, logit: 1, output: 0 }, b: { ...one, logit: -1, output: 1 } },
  });
  tf.disposeVariables();
});

describe("csl export", () => {
  it("writes a run's best weights as ONNX, with classes, thresholds on the scale of the score, and the card", async () => {
    const { printed, told } = await csl("export", at("run"), "--out", at("m.onnx"), "--precision", "float16");
    expect(printed).toMatch(/m\.onnx: 6\d\d kB/);
    expect(told).toMatch(/thresholds\.json[\s\S]*what float16 costs was not measured/);
    const { card, ...rest } = described(at("m.onnx"));
    const score = (logit: number) => 1 / (1 + Math.exp(-logit / 2));
    expect(rest).toEqual({
      ...{ format: 1, network: "tresnet_tiny", imageSize: 64, preprocessing: true, temperature: 2 },
      classes: [
        { id: "a", name: "Apple", threshold: score(1) },
        { id: "b", name: "Pear", threshold: score(-1) },
        { id: "c", name: "Plum", threshold: score(0) },
      ],
    });
    expect(card).toMatch(/# A card\n\n## Export[\s\S]*float16/);
    const session = await InferenceSession.create(at("m.onnx"));
    expect(session.inputNames).toEqual(["images"]);
    await csl("export", at("run"), "--out", at("m.onnx"), "--no-preprocessing"); // an earlier export is replaced
    expect(described(at("m.onnx")).preprocessing).toBe(false);
  });

  it("measures what a precision costs on labelled images, and keeps it in the card", async () => {
    await csl("scenes", at("scenes"), "--train", 8, "--val", 12, "--ood", 0, "--classes", 3);
    const { ids, names } = await ownClasses();
    await saveCheckpoint(at("scenes.safetensors"), {
      ...{ state, classes: { ids, names }, config: { model, imageSize: 64 } },
    });
    const flags = ["--data", at("scenes"), "--workers", 0, "--engine", "wasm"];
    const { printed } = await csl(
      "export",
      at("scenes.safetensors"),
      "--out",
      at("s.onnx"),
      "--precision",
      "int8",
      ...flags,
    );
    expect(printed).toMatch(/12 images of the split `val`[\s\S]*exported as int8, onnxruntime \| \d/);
    expect(described(at("s.onnx")).card).toContain("exported as int8");
  });

  it("writes a checkpoint that every command reads, with the description", async () => {
    await csl("export", at("run"), "--format", "safetensors", "--out", at("m.safetensors"));
    const loaded = await loadCheckpoint(at("m.safetensors"), { classes });
    expect(loaded.description).toMatchObject({ temperature: 2, card: expect.stringContaining("# A card") });
    expect(loaded.state.get("head.fc.weight")).toEqual(state.get("head.fc.weight"));
    await csl("export", at("m.safetensors"), "--out", at("again.onnx"));
    expect(described(at("again.onnx"))).toMatchObject({ network: "tresnet_tiny", temperature: 2 });
  });

  it("writes timm's names, and says how timm loads them", async () => {
    const large = createTResNet({ variant: "m", numClasses: 2 });
    await writeSafetensors(at("bare.safetensors"), await large.stateDict());
    large.dispose();
    const { printed } = await csl(
      "export",
      at("bare.safetensors"),
      "--format",
      "timm",
      "--out",
      at("t.safetensors"),
    );
    expect(printed).toContain('timm.create_model("tresnet_m", num_classes=2, checkpoint_path=');
    const { tensors } = await readSafetensors(at("t.safetensors"));
    expect(tensors.has("body.layer1.0.conv1.bn.running_mean")).toBe(true);
    expect(convertTimmStateDict(tensors).has("body.layer1.0.conv1.1.running_mean")).toBe(true);
  });

  it("writes a folder that TensorFlow.js loads, and no second time unless it may overwrite", async () => {
    const args = ["export", at("run"), "--format", "tfjs", "--out", at("m.tfjs")];
    const { printed } = await csl(...args);
    expect(printed).toMatch(/m\.tfjs: 1\.\d+ MB/);
    const { weightsManifest, userDefinedMetadata } = JSON.parse(
      await readFile(at("m.tfjs", "model.json"), "utf8"),
    );
    expect(weightsManifest[0].paths).toEqual(["weights.bin"]);
    expect(parseModelDescription(userDefinedMetadata.csl, "m")).toMatchObject({
      temperature: 2,
      preprocessing: false,
    });
    await expect(csl(...args)).rejects.toThrow(/weights\.bin, which is something else.*--overwrite/);
    await csl(...args, "--overwrite");
  });

  it("takes the classes of a file that names none from --class-names", async () => {
    await writeSafetensors(at("plain.safetensors"), state);
    await expect(csl("export", at("plain.safetensors"), "--out", at("p.onnx"))).rejects.toThrow(
      /names its classes, got .*plain\.safetensors, which does not\. Pass --class-names with a line id,name for each of its 3 outputs/,
    );
    file("two.csv", "x,X\ny,Y\n");
    await expect(
      csl("export", at("plain.safetensors"), "--class-names", at("two.csv"), "--out", at("p.onnx")),
    ).rejects.toThrow(/for each of 3 outputs .*got 2/);
    file("three.csv", "x,X\ny,Y\nz,Z\n");
    await csl(
      "export",
      at("plain.safetensors"),
      "--class-names",
      at("three.csv"),
      "--out",
      at("p.onnx"),
      "--image-size",
      64,
    );
    expect(described(at("p.onnx")).classes.map(({ id }) => id)).toEqual(["x", "y", "z"]);
  });

  it.each<[string, (string | number)[], RegExp]>([
    [
      "a path that is not there",
      [at("absent.pth")],
      /MODEL to be a checkpoint, got .*absent\.pth, which does not exist/,
    ],
    ["a folder without a checkpoint", [at()], /which has no best\.safetensors/],
    ["a file that is no model", [file("notes.txt", "notes")], /notes\.txt/],
    ["an unknown format", [at("run"), "--format", "pickle"], /--format to be one of onnx, safetensors/],
    ["a precision of another format", [at("run"), "--format", "timm", "--precision", "int8"], /--precision/],
    [
      "a data set for a format that is not scored",
      [at("run"), "--format", "tfjs", "--data", at()],
      /--data with --format onnx only/,
    ],
    [
      "thresholds for a format without a place for them",
      [at("run"), "--format", "timm", "--thresholds", at("run", thresholdsName)],
      /--thresholds with --format onnx/,
    ],
    [
      "a network that timm does not have",
      [at("run"), "--format", "timm", "--out", at("x.st")],
      /one of the variants that timm has/,
    ],
    [
      "an output that is something else",
      [at("run"), "--out", file("mine.onnx", "mine")],
      /mine\.onnx, which is something else.*--overwrite/,
    ],
    [
      "the model itself as output",
      [at("run"), "--format", "safetensors", "--out", at("run", "best.safetensors"), "--overwrite"],
      /which is read by MODEL/,
    ],
    ["a folder as output", [at("run"), "--out", at("run")], /to be a file, got/],
  ])("refuses %s", async (_what, args, message) => {
    await expect(csl("export", ...args)).rejects.toThrow(message);
  });

  it("leaves nothing behind when the weights cannot be written", async () => {
    const broken = new Map(state).set("head.fc.bias", { shape: [3], data: new Float32Array(3).fill(1e6) });
    await saveCheckpoint(at("large.safetensors"), {
      state: broken,
      classes,
      config: { model, imageSize: 64 },
    });
    mkdirSync(at("out"));
    await expect(
      csl("export", at("large.safetensors"), "--precision", "float16", "--out", at("out", "l.onnx")),
    ).rejects.toThrow(/float16, got 1000000 in head\.fc\.bias/);
    expect(await readdir(at("out"))).toEqual([]);
  });
});

/** The classes of the drawn scenes. */
async function ownClasses(): Promise<{ ids: string[]; names: string[] }> {
  const { categories } = JSON.parse(
    await readFile(at("scenes", "annotations", "instances_val.json"), "utf8"),
  ) as {
    categories: { id: number; name: string }[];
  };
  return { ids: categories.map(({ id }) => String(id)), names: categories.map(({ name }) => name) };
}
