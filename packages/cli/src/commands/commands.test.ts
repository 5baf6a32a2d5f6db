import { copyFile, mkdir, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadCheckpoint } from "@csl/checkpoints";
import { parsePrior } from "@csl/partial-loss";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../run-command.js";

const { at } = temporaryFolder();

/** Runs a command line and returns what it printed as its result. */
async function csl(...args: (string | number)[]): Promise<string> {
  let printed = "";
  const out = { write: (text: string) => (printed += text) };
  await runCommand(args.map(String), { out, err: { write: () => {} } });
  return printed;
}

const data = (): (string | number)[] => [
  "--data",
  at("scenes"),
  "--workers",
  0,
  "--batch-size",
  16,
  "--engine",
  "wasm",
];
const training = (): (string | number)[] => [
  ...data(),
  ...["--model-name", "tresnet_tiny", "--image-size", 64, "--epochs", 1, "--lr", 0.003, "--augment", "none"],
];

beforeAll(async () => {
  await csl("scenes", at("scenes"), "--train", 64, "--val", 48, "--ood", 16, "--classes", 5);
});

describe("the csl commands, one after the other", () => {
  it("simulate: saves partial labels with their manifest and an image", async () => {
    const flags = ["--simulate_partial_type", "rps", "--simulate_partial_param", 0.5];
    expect(await csl("simulate", "--data", at("scenes"), "--out", at("labels"), ...flags)).toMatch(
      /random-per-sample, seed 0/,
    );
    expect((await sharp(at("labels", "class-frequencies.png")).metadata()).format).toBe("png");
  });

  it("diagnose: recommends a mode for them", async () => {
    expect(await csl("diagnose", "--data", at("scenes"), "--labels", at("labels"))).toMatch(
      /→ (Ignore|Selective)/,
    );
  });

  it("train: leaves checkpoints, log, config and result", async () => {
    const printed = await csl(
      "train",
      ...training(),
      "--labels",
      at("labels"),
      "--partial-loss-mode",
      "ignore",
      "--path-dest",
      at("ignore"),
    );
    expect(printed).toMatch(/best mAP\(C\) \d+\.\d\d \(chance \d+\.\d\d\)/);
    expect((await readdir(at("ignore"))).sort()).toEqual([
      "MODEL_CARD.md",
      "best.safetensors",
      "config.json",
      "last.safetensors",
      "log.jsonl",
      "per-class.csv",
      "prior.json",
      "report-data.json",
      "report.html",
      "reproduction.json",
      "result.json",
    ]);
    const lines = (await readFile(at("ignore", "log.jsonl"), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.filter(({ type }) => type === "step").length).toBe(64 / 16);
    expect(lines.at(-1).type).toBe("end");
    const validation = lines.find(({ type }) => type === "validation");
    expect(validation.raw.mapC).toBeGreaterThan(0);
    expect(validation.raw).not.toHaveProperty("perClass"); // ten thousand classes would be megabytes a line
    expect(await readFile(at("ignore", "per-class.csv"), "utf8")).toMatch(/^id,name,ap,.*\n1,person,0\.\d+,/);
    expect(lines.find(({ type }) => type === "epoch").waitedSeconds).toBeGreaterThan(0);
  });

  it("train: seconds and chance in result.json are those of the whole run, also after a resume elsewhere", async () => {
    const log = await readFile(at("ignore", "log.jsonl"), "utf8");
    const elapsed = JSON.parse(log.trim().split("\n").at(-1)!).elapsed;
    const before = JSON.parse(await readFile(at("ignore", "result.json"), "utf8"));
    expect(before.chance.mapC).toBeGreaterThan(0);
    expect(before.seconds).toBeLessThanOrEqual(elapsed);
    const flags = ["--labels", at("labels"), "--partial-loss-mode", "ignore", "--path-dest", at("resumed")];
    await csl("train", ...training(), ...flags, "--resume", at("ignore", "last.safetensors"));
    const after = JSON.parse(await readFile(at("resumed", "result.json"), "utf8"));
    expect(after.seconds).toBeGreaterThanOrEqual(elapsed);
  });

  it("estimate-prior: writes a prior keyed by class id and prints the rank correlation", async () => {
    const printed = await csl(
      "estimate-prior",
      ...data(),
      "--model-path",
      at("ignore", "best.safetensors"),
      "--out",
      at("prior.json"),
    );
    expect(printed).toMatch(/rank correlation .*: -?\d\.\d{3}/);
    const prior = parsePrior(await readFile(at("prior.json"), "utf8"));
    expect(prior.ids.length).toBe(5);
    expect(prior.count).toBe(64);
  });

  it("train: resumes into CSL with that prior and the reference's spelling of flags", async () => {
    await csl(
      ...[
        "train",
        ...training(),
        "--labels",
        at("labels"),
        "--partial_loss_mode=selective",
        `--prior_path=${at("prior.json")}`,
      ],
      ...["--likelihood_topk=1", "--prior_threshold=0.3", "--gamma_unann=4", "--path_dest", at("csl")],
    );
    const { classes, config } = await loadCheckpoint(at("csl", "last.safetensors"));
    expect(classes?.names).toContain("person");
    expect(config).toMatchObject({ partialLossMode: "selective", likelihoodTopk: 1, gammaUnann: 4 });
  });

  it("evaluate: scores a split, classes with their own line", async () => {
    const printed = await csl(
      "evaluate",
      ...data(),
      "--split",
      "ood",
      "--per-class",
      "--model-path",
      at("csl", "best.safetensors"),
      "--json",
      at("ood.json"),
    );
    expect(printed).toMatch(/mAP\(C\) \d+\.\d\d {3}mAP\(O\)/);
    expect(printed).toMatch(/person +\d+\.\d\d {2}\d+ positives/);
    const { mapC, images } = JSON.parse(await readFile(at("ood.json"), "utf8"));
    expect(images).toBe(16);
    expect(mapC).toBeGreaterThan(0);
  });

  it("evaluate: every paper's protocol, and the classes as CSV", async () => {
    const printed = await csl(
      ...["evaluate", ...data(), "--protocols", "--min-positives", 3],
      ...["--model-path", at("csl", "best.safetensors"), "--per-class-csv", at("classes.csv")],
      ...["--json", at("val.json")],
    );
    expect(printed).toMatch(/\| un-annotated-negative \| absent/);
    const { protocols } = JSON.parse(await readFile(at("val.json"), "utf8"));
    // Scenes are fully annotated: nothing is un-annotated, so the two agree.
    const score = (name: string): number =>
      protocols.find((line: { protocol: { name: string } }) => line.protocol.name === name).mapC;
    expect(score("full-labels")).toBeCloseTo(score("annotated"), 12);
    expect((await readFile(at("classes.csv"), "utf8")).trim().split("\n")).toHaveLength(1 + 5);
  });

  it("train: refuses a validation on training images", async () => {
    const both = at("overlap");
    await mkdir(join(both, "annotations"), { recursive: true });
    for (const split of ["train", "val"])
      await copyFile(
        at("scenes", "annotations", "instances_train.json"),
        join(both, "annotations", `instances_${split}.json`),
      );
    const flags = ["--data", both, "--images", at("scenes", "train"), "--path-dest", at("bad")];
    await expect(csl("train", ...training(), ...flags)).rejects.toThrow(
      /64 of the 64 images of "val" are in "train" as well \(0 by id, 64 by path.*--allow-overlap/,
    );
  });

  it("infer: images of a data set's split", async () => {
    const flags = [
      "--model-path",
      at("csl", "best.safetensors"),
      "--engine",
      "wasm",
      "--out",
      at("tags-of-val"),
    ];
    const printed = await csl("infer", "--data", at("scenes"), "--split", "val", "--count", 2, ...flags);
    expect(printed.match(/→ /g)).toHaveLength(2);
    await expect(csl("infer", ...flags)).rejects.toThrow("expected images or --data");
  });

  it("infer: a folder, where a file that is no image is named and the others are tagged", async () => {
    const [name = ""] = await readdir(at("scenes", "val"));
    await mkdir(at("photos"), { recursive: true });
    await copyFile(at("scenes", "val", name), at("photos", "one.jpg"));
    await writeFile(at("photos", "two.jpg"), "not an image");
    const flags = [
      "--model-path",
      at("csl", "best.safetensors"),
      "--engine",
      "wasm",
      "--out",
      at("photo-tags"),
    ];
    expect((await csl("infer", at("photos"), ...flags)).match(/→ /g)).toHaveLength(1);
    const { images, unreadable } = JSON.parse(await readFile(at("photo-tags", "tags.json"), "utf8"));
    expect(images).toHaveLength(1);
    expect(unreadable).toMatchObject([{ image: at("photos", "two.jpg") }]);
  });

  it("infer in the reference's words: text, JSON and an annotated image, with at least the best class", async () => {
    const [name = ""] = await readdir(at("scenes", "val"));
    const image = at("scenes", "val", name);
    const printed = await csl(
      ...["infer", "--pic_path", image, "--model_path"],
      at("csl", "best.safetensors"),
      ...["--dataset_type", "OpenImages", "--model_name", "tresnet_m", "--input_size", 64],
      "--th",
      0.999,
      "--out",
      at("tags"),
      "--engine",
      "wasm",
    );
    expect(printed).toMatch(/0\.\d{3} {2}\w+/);
    const { images } = JSON.parse(await readFile(at("tags", "tags.json"), "utf8"));
    expect(images[0].tags.length).toBeGreaterThanOrEqual(1);
    expect((await sharp(images[0].annotated).metadata()).width).toBe(660);
  });

  it("no command replaces what it reads, nor a file of another origin", async () => {
    const model = at("csl", "best.safetensors");
    await mkdir(at("own", "a"), { recursive: true });
    await mkdir(at("own", "b"));
    const image = await sharp(at("scenes", "val", "600001.jpg"))
      .png()
      .toBuffer();
    for (const name of ["x.png", "a/1.png", "b/1.png"]) await writeFile(at("own", name), image);
    await writeFile(at("own", "notes.json"), "{}");
    const infer = (...words: string[]) => csl("infer", ...words, "--model-path", model, "--engine", "wasm");
    const truth = at("scenes", "annotations", "instances_val.json");
    const kept = async () =>
      Promise.all(
        [model, truth, at("own", "x.png"), at("own", "notes.json")].map((path) => readFile(path, "latin1")),
      );
    const before = await kept();
    const ofModel = ["--model-path", model];
    const refused: (string | number)[][] = [
      ["infer", at("own", "x.png"), "--out", at("own"), ...ofModel],
      ["infer", at("own", "x.png"), "--out", at("own"), ...ofModel, "--overwrite"],
      ["estimate-prior", ...data(), ...ofModel, "--out", model],
      ["estimate-prior", ...data(), ...ofModel, "--out", at("own", "p.json"), "--json", at("own", "p.json")],
      ["evaluate", ...data(), ...ofModel, "--json", truth, "--overwrite"],
      ["diagnose", "--data", at("scenes"), "--json", at("own", "notes.json")],
    ];
    for (const words of refused)
      await expect(csl(...words), words.join(" ")).rejects.toThrow(/read by|two files|something else/);
    expect(await kept()).toEqual(before);

    await infer(at("own", "a", "1.png"), at("own", "b", "1.png"), "--out", at("two"));
    expect((await readdir(at("two"))).sort()).toEqual(["a_1.png", "b_1.png", "tags.json"]);
    const { images } = JSON.parse(await readFile(at("two", "tags.json"), "utf8"));
    expect(images.map(({ annotated }: { annotated: string }) => annotated)).toEqual([
      at("two", "a_1.png"),
      at("two", "b_1.png"),
    ]);
    await infer(at("own", "a", "1.png"), at("own", "b", "1.png"), "--out", at("two")); // its own may be replaced
  });

  it("engines: lists wasm and cpu everywhere", async () => {
    expect(await csl("engines")).toMatch(/wasm[\s\S]*cpu/);
  });
});

describe("bad input", () => {
  const train = (...args: (string | number)[]): Promise<string> =>
    csl("train", ...training(), "--path-dest", at("bad"), ...args);

  it("a folder without a data set, and one without the split", async () => {
    const model = ["--model-path", at("csl", "best.safetensors"), "--engine", "wasm"];
    await expect(csl("evaluate", "--data", at("tags"), ...model)).rejects.toThrow(
      /expected .*tags to hold a data set.*instances_train2014\.json.*csl scenes/,
    );
    await expect(csl("evaluate", ...data(), "--split", "test", ...model)).rejects.toThrow(
      /no "test" split of COCO.*--data/,
    );
  });

  it.each([
    ["empty", 0],
    ["truncated", 400],
  ])("an %s instances file", async (_, size) => {
    const broken = at("broken");
    await mkdir(join(broken, "annotations"), { recursive: true });
    const target = join(broken, "annotations", "instances_train.json");
    await copyFile(at("scenes", "annotations", "instances_train.json"), target);
    await truncate(target, size);
    await expect(csl("train", "--data", broken, "--val-split", "train")).rejects.toThrow(
      /instances_train\.json/,
    );
  });

  it("a checkpoint for other classes", async () => {
    await csl("scenes", at("other"), "--train", 16, "--val", 16, "--ood", 0, "--classes", 6);
    await expect(
      csl(
        "evaluate",
        "--data",
        at("other"),
        "--model-path",
        at("csl", "best.safetensors"),
        "--engine",
        "wasm",
      ),
    ).rejects.toThrow(/best\.safetensors for .*other: expected the class list of 5 classes .* got one of 6/);
  });

  it("a prior for other classes", async () => {
    await writeFile(at("short.csv"), "Classes,avg_pred\nperson,0.5\n");
    await expect(train("--partial-loss-mode", "selective", "--prior-path", at("short.csv"))).rejects.toThrow(
      /prior|class/i,
    );
  });

  it("an image that is text", async () => {
    await writeFile(at("note.jpg"), "not an image");
    await expect(
      csl("infer", at("note.jpg"), "--model-path", at("csl", "best.safetensors"), "--engine", "wasm"),
    ).rejects.toThrow(/note\.jpg/);
  });

  it("an output folder that is a file", async () => {
    await writeFile(at("taken"), "");
    await expect(csl("train", ...training(), "--path-dest", at("taken", "run"))).rejects.toThrow(
      /cannot (write|be written)|expected/i,
    );
  });

  it("flags that are none, and values out of their range", async () => {
    await expect(train("--model-name", "resnet")).rejects.toThrow(
      /expected --model-name to be one of tresnet_m/,
    );
    await expect(train("--num-classes", 80)).rejects.toThrow(
      /expected --num-classes to be 5, as the data has, got 80/,
    );
  });
});
