import { cp, readFile, stat, writeFile } from "node:fs/promises";
import { findKnownWeights } from "@csl/download";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../../run-command.js";
import { planSteps } from "./plan-steps.js";
import { parseRecipe, presets } from "./read-recipe.js";
import { compareStep } from "./run-record.js";

const { at } = temporaryFolder();

const recipe = {
  "model-name": "tresnet_tiny",
  "image-size": 32,
  "batch-size": 8,
  epochs: 2,
  augment: "none",
  workers: 0,
  engine: "wasm",
  "checkpoint-every": 1,
  simulate: { "simulate-partial-type": "rps", "simulate-partial-param": 0.5 },
  csl: { "prior-threshold": 0.3, "likelihood-topk": 1, "topk-scope": "sample" },
};

/** What the last run wrote to standard output. */
let printed = "";
/** What `run("whole")` wrote, on both. */
let whole = "";

interface Run {
  /** What came on standard error. */
  told: string;
}

/** Runs a recipe into a folder; `stopAt`: aborts, as Ctrl-C does, once a line on standard error contains it. */
async function run(
  out: string,
  settings: object = recipe,
  { stopAt, flags = [] }: { stopAt?: string; flags?: string[] } = {},
): Promise<Run> {
  await writeFile(at(`${out}.json`), JSON.stringify(settings));
  const stop = new AbortController();
  let told = "";
  const err = {
    write(text: string) {
      told += text;
      if (stopAt && text.includes(stopAt)) stop.abort(new DOMException("stopped", "AbortError"));
    },
  };
  const words = ["run", at(`${out}.json`), "--data", at("scenes"), "--path-dest", at(out), ...flags];
  printed = "";
  const stdout = {
    write: (text: string) => {
      printed += text;
    },
  };
  await runCommand(words, { out: stdout, err, signal: stop.signal });
  return { told };
}

const results = async (out: string): Promise<string[]> =>
  Promise.all(
    ["prior.json", "labels/labels.csl", "temporary/evaluation.json", "csl/evaluation.json"].map((name) =>
      readFile(at(out, name), "latin1"),
    ),
  );

beforeAll(async () => {
  const sizes = ["--train", "16", "--val", "8", "--ood", "0", "--classes", "3", "--size", "32"];
  await runCommand(["scenes", at("scenes"), ...sizes], {
    out: { write: () => {} },
    err: { write: () => {} },
  });
  const { told } = await run("whole");
  whole = told + printed;
});

describe("csl run", () => {
  it("leaves labels, both models, prior, scores, thresholds and a report", async () => {
    for (const name of [
      "labels/labels.csl",
      "temporary/best.safetensors",
      "prior.json",
      "csl/best.safetensors",
    ])
      expect((await stat(at("whole", name))).size).toBeGreaterThan(0);
    for (const name of ["csl/thresholds.json", "report.md", "report.json"])
      expect((await stat(at("whole", name))).size).toBeGreaterThan(0);
    const report = JSON.parse(await readFile(at("whole", "report.json"), "utf8"));
    expect(report.scores.map(({ model }: { model: string }) => model)).toEqual(["temporary", "csl"]);
  });

  it("tells nothing that is for a person who goes on step by step", async () => {
    expect(whole).toMatch(/prior of 3 classes/);
    expect(whole).not.toContain("the default of csl train --prior-threshold");
    const sought = { "simulate-partial-type": "fpc", "simulate-partial-param": 1 };
    const stopAt = "Train the temporary model";
    await expect(
      run("advice", { ...recipe, simulate: sought, csl: { "partial-loss-mode": "auto" } }, { stopAt }),
    ).rejects.toMatchObject({ name: "AbortError" });
    expect(printed).toContain("→ Selective");
    expect(printed).not.toContain("  csl train");
  });

  it("skips what is finished: a second run computes nothing and leaves every file as it was", async () => {
    const before = await results("whole");
    const { told } = await run("whole");
    expect(told.match(/skipped/g)).toHaveLength(6);
    expect(told).not.toContain("$ csl");
    expect(await results("whole")).toEqual(before);
  });

  it("stopped again and again, at every kind of step, the same command continues to the same results", async () => {
    for (const stopAt of ["epoch 1/2", "2/6 Train", "3/6 Estimate", "4/6 Train", "5/6 Score"]) {
      await expect(run("stopped", recipe, { stopAt })).rejects.toThrow(/the same command continues/);
      // What continues is this command: a step that was stopped names no other one.
      expect(printed).not.toContain("--resume");
      if (stopAt === "epoch 1/2") expect(printed).toMatch(/^stopped; the same csl run continues it$/m);
    }
    await run("stopped");
    expect(await results("stopped")).toEqual(await results("whole"));
  });

  it("does again what a changed setting is for, and what depends on it, and says so", async () => {
    await cp(at("whole"), at("changed"), { recursive: true });
    const csl = { ...recipe, csl: { ...recipe.csl, "gamma-unann": 3 } };
    const { told } = await run("changed", csl);
    expect(told).toContain("done again, because --gamma-unann its default → 3");
    expect(told).toMatch(/csl.best\.safetensors has other content/);
    expect(told.match(/skipped/g)).toHaveLength(4); // labels, temporary model, prior, and its score
    const { told: all } = await run("changed", {
      ...csl,
      simulate: { ...csl.simulate, "simulate-partial-param": 0.4 },
    });
    expect(all).toContain("--simulate-partial-param 0.5 → 0.4");
    expect(all).toMatch(/changed.labels has other content/);
    expect(all).not.toContain("skipped");
    const { told: engine } = await run("changed", {
      ...csl,
      simulate: { ...csl.simulate, "simulate-partial-param": 0.4 },
      cache: "memory",
    });
    expect(engine.match(/skipped/g)).toHaveLength(6); // where images are kept changes no number
  });

  it("--partial-loss-mode auto: trains what the diagnosis recommends, tells why, and skips it the next time", async () => {
    const { simulate: _, ...complete } = recipe;
    const auto = { ...complete, epochs: 1, csl: { "partial-loss-mode": "auto" } };
    const { told } = await run("auto", auto);
    expect(told).toMatch(/\nmode: ignore\. Every cell is annotated/);
    expect(await readFile(at("auto", "report.md"), "utf8")).toMatch(
      /`--partial-loss-mode ignore`: Every cell/,
    );
    expect((await run("auto", auto)).told.match(/skipped/g)).toHaveLength(3);
  });

  it("refuses a second run in the folder at the same time, and a folder with another program's run.json", async () => {
    const first = run("twice", recipe, { stopAt: "2/6 Train" });
    await expect(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await run("twice");
    }).rejects.toMatchObject({ code: "in-use" });
    await expect(first).rejects.toThrow(/the same command continues/);
    await writeFile(at("twice", "report.md"), "# My report");
    await expect(run("twice")).rejects.toThrow(/the report of an earlier run to replace, got .*report\.md/);
    await writeFile(at("twice", "run.json"), '{"name":"another program"}');
    await expect(run("twice")).rejects.toMatchObject({ code: "already-exists" });
  });

  it("refuses unknown recipes and keys, with what is near", async () => {
    const words = (name: string) =>
      runCommand(["run", name, "--data", at("scenes"), "--path-dest", at("none")]);
    await expect(words("openimage")).rejects.toThrow(/Did you mean openimages\?/);
    await expect(run("none", { epoch: 3 })).rejects.toThrow(/"epoch" is no flag. Did you mean epochs/);
    await expect(run("none", { csl: { gamma: 3 } })).rejects.toThrow(/"gamma" under "csl" is no flag/);
    await expect(run("none", { epochs: "many" })).rejects.toThrow(/"epochs" to be a whole number/);
    await expect(stat(at("none"))).rejects.toThrow("ENOENT");
  });
});

describe("the presets", () => {
  it.each(Object.keys(presets))(
    "%s holds only flags of its commands, and prints as it is read",
    async (name) => {
      let printed = "";
      await runCommand(["run", name, "--print-config"], { out: { write: (text) => (printed += text) } });
      expect(JSON.parse(printed)).toEqual(presets[name]);
      expect(Object.keys(parseRecipe(printed, name).csl)).toContain("gamma-unann");
    },
  );
});

describe("what a person gives beside a recipe", () => {
  /** More images in a batch than there are: refused before anything is computed. */
  const refused = /at least a batch/;
  /** What is told of the first training, which is refused. */
  async function firstTraining(...flags: string[]): Promise<string> {
    let told = "";
    const err = { write: (text: string) => (told += text) };
    const words = [
      "run",
      "own",
      "--data",
      at("scenes"),
      "--path-dest",
      at("beside"),
      "--overwrite",
      ...flags,
    ];
    await expect(runCommand(words, { err })).rejects.toThrow(refused);
    return told;
  }

  it.each(["ema-warmup", "trainable-only"])(
    "--no-%s: every switch that a recipe can set can be switched off",
    async (name) => {
      expect(await firstTraining("--model-path", "none", `--no-${name}`)).toContain(`--no-${name} `);
    },
  );

  it("--model-path none and another --model-name start from random weights, not from the recipe's", async () => {
    expect(await firstTraining("--model-path", "none")).not.toContain("--model-path");
    const told = await firstTraining("--model-name", "tresnet_tiny");
    expect(told).toContain(
      "Starting from random weights: the recipe's tresnet_m.miil_in21k are of tresnet_m.",
    );
    expect(told).not.toContain("--model-path none");
  });

  it("the command line that a step is told with is one that the command takes", async () => {
    const told = await firstTraining("--model-path", "none", "--no-ema-warmup");
    const [, line] = told.match(/\$ csl (.*)/)!;
    await expect(runCommand(line!.split(" "), { err: { write: () => {} } })).rejects.toThrow(refused);
  });

  it("presets start from public weights by name", () => {
    const paths = Object.keys(presets).map(
      (name) => parseRecipe(JSON.stringify(presets[name]), name).shared["model-path"],
    );
    expect(new Set(paths)).toEqual(new Set(["tresnet_m.miil_in21k"]));
    expect(findKnownWeights("tresnet_m.miil_in21k")?.model).toBe("tresnet_m");
  });
});

describe("planSteps", () => {
  const plan = (given: object, settings: object = recipe) =>
    planSteps({
      recipe: parseRecipe(JSON.stringify(settings), "r"),
      given: { data: "d", ...given },
      out: "o",
      compare: true,
    });
  const flags = (name: string, given: object) => plan(given).find((step) => step.name === name)!.flags;

  it("gives flags of the schedule to both trainings, those of the loss to CSL only", () => {
    expect(flags("temporary", { epochs: 7 }).epochs).toBe(7);
    expect(flags("csl", { epochs: 7 }).epochs).toBe(7);
    expect(flags("csl", { "gamma-unann": 9 })["gamma-unann"]).toBe(9);
    expect(flags("temporary", { "gamma-unann": 9 })["gamma-unann"]).toBeUndefined();
    expect(flags("negative", { "gamma-unann": 9 })["gamma-unann"]).toBe(0);
  });

  it("leaves out what is not needed: the simulation where labels are given, the prior in another mode", () => {
    expect(plan({ labels: "l" }).map(({ name }) => name)).not.toContain("labels");
    const names = plan({ "partial-loss-mode": "ignore" }).map(({ name }) => name);
    expect(names).toEqual(["labels", "csl", "negative", "evaluate csl", "evaluate negative"]);
  });

  it("--partial-loss-mode auto: a diagnosis first; what it recommends decides whether there is a prior", () => {
    const given = { "partial-loss-mode": "auto", labels: "l" };
    const recipeOf = parseRecipe(JSON.stringify(recipe), "r");
    const names = (recommended?: string) =>
      planSteps({ recipe: recipeOf, given, out: "o", compare: false, recommended }).map(({ name }) => name);
    expect(names()).toEqual(names("selective"));
    expect(names("selective").slice(0, 4)).toEqual(["diagnosis", "temporary", "prior", "csl"]);
    expect(names("ignore")).toEqual(["diagnosis", "csl", "evaluate csl"]);
    expect(flags("csl", given)).toMatchObject({ "partial-loss-mode": "auto" });
    expect(flags("diagnosis", given)).toMatchObject({ labels: "l" });
  });

  it("a step is the same when a file was moved, and another one when its content changed", () => {
    const step = { ...plan({}).at(1)!, outputs: [] };
    const before = { state: "finished" as const, settings: { lr: 1 }, inputs: { a: "1" } };
    expect(compareStep(step, before, { settings: { lr: 1 }, inputs: { b: "1" } }).todo).toBe("skip");
    expect(compareStep(step, before, { settings: { lr: 1 }, inputs: { a: "2" } }).changes).toEqual([
      "a has other content",
    ]);
    expect(compareStep(step, before, { settings: {}, inputs: { a: "1" } }).changes).toEqual([
      "--lr 1 → its default",
    ]);
  });
});
