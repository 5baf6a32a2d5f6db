import { readFile, writeFile } from "node:fs/promises";
import { loadCheckpoint } from "@csl/checkpoints";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeAll, describe, expect, it } from "vitest";
import { rowsOf } from "../../../flags/flag.js";
import { runCommand } from "../../../run-command.js";
import { planSteps } from "../../run/plan-steps.js";
import { parseRecipe } from "../../run/read-recipe.js";
import { trainFlags } from "../train-flags.js";
import { lossNames } from "./loss-flags.js";
import { losses } from "./losses.js";

const { at } = temporaryFolder();
const quiet = { out: { write: () => {} }, err: { write: () => {} } };

async function train(...flags: (string | number)[]): Promise<void> {
  const small = ["--model-name", "tresnet_tiny", "--image-size", 32, "--augment", "none", "--batch-size", 4];
  const base = ["train", "--data", at("scenes"), "--engine", "wasm", "--workers", 0];
  const labels = ["--simulate-partial-type", "rps", "--simulate-partial-param", 0.5];
  await runCommand([...base, ...small, ...labels, ...flags].map(String), quiet);
}

beforeAll(async () => {
  const sizes = ["--train", "16", "--val", "8", "--ood", "0", "--classes", "3", "--size", "32"];
  await runCommand(["scenes", at("scenes"), ...sizes], quiet);
});

const needed: Record<string, (string | number)[]> = {
  role: ["--expected-positives", 1.5],
  epr: ["--expected-positives", 1.5],
  em: ["--em-warmup-epochs", 1],
  "large-loss": ["--large-loss-mode", "correct-for-good", "--large-loss-rate", 0.05],
};

describe.each(lossNames)("csl train --loss %s", (name) => {
  it("trains, and its configuration and card tell of it and of no other loss", async () => {
    const out = at(name);
    await train("--path-dest", out, "--loss", name, "--epochs", 1, ...(needed[name] ?? []));
    const config = JSON.parse(await readFile(at(name, "config.json"), "utf8"));
    expect(config.loss).toBe(name);
    const others = rowsOf(trainFlags).filter(
      ([, { more }]) => more.onlyWith?.flag === "loss" && !more.onlyWith.values.includes(name),
    );
    const camel = (flag: string) => flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    expect(others.map(([flag]) => camel(flag)).filter((option) => Object.hasOwn(config, option))).toEqual([]);
    expect(await readFile(at(name, "MODEL_CARD.md"), "utf8")).toContain(
      name === "csl" ? "- Loss: negative; gamma" : `- Loss: ${name} (${losses[name].source})`,
    );
    const { loss } = JSON.parse((await readFile(at(name, "log.jsonl"), "utf8")).split("\n")[1]!);
    expect(loss).toEqual(expect.any(Number));
  });
});

it.each(["role", "em"])(
  "--loss %s with --accumulate: stopped after an epoch and resumed, it ends the same",
  async (name) => {
    const flags = ["--loss", name, "--epochs", 2, "--accumulate", 2, ...(needed[name] ?? [])];
    await train("--path-dest", at(`${name} whole`), ...flags);
    const parts = ["--path-dest", at(`${name} parts`)];
    await train(...parts, ...flags, "--stop-epoch", 1);
    await train(...parts, ...flags, "--resume", at(`${name} parts`, "last.safetensors"));
    const [{ config: _, ...whole }, { config: __, ...resumed }] = await Promise.all([
      loadCheckpoint(at(`${name} whole`, "last.safetensors")),
      loadCheckpoint(at(`${name} parts`, "last.safetensors")),
    ]);
    expect(resumed).toEqual(whole);
  },
);

it("every flag of a loss is refused with another loss, on the command line and in a configuration file", async () => {
  const rows = rowsOf(trainFlags).filter(([, { more }]) => more.onlyWith?.flag === "loss");
  expect(rows.length).toBeGreaterThan(30);
  for (const [flag, { placeholder, more }] of rows) {
    const other = lossNames.find((name) => !more.onlyWith!.values.includes(name))!;
    const value =
      placeholder === undefined ? [] : [more.choices?.[0] ?? (placeholder === "file" ? at("x") : 0.5)];
    const numbers = /epoch|topk$/.test(flag) ? [1] : value;
    await expect(train("--loss", other, `--${flag}`, ...numbers)).rejects.toThrow(
      `csl train: expected --${flag} with --loss ${more.onlyWith!.values.join(" or ")} only, got it with --loss ${other}. Leave`,
    );
  }
  await writeFile(at("hill.json"), '{"loss": "hill", "gamma_unann": 4}');
  await expect(train("--config", at("hill.json"))).rejects.toThrow(/--gamma-unann with --loss csl only/);
});

it.each([
  [["--loss", "role"], /expected --expected-positives with --loss role: the number of classes/],
  [["--loss", "epr"], /expected --expected-positives with --loss epr/],
  [["--loss", "rol"], /expected --loss to be one of csl, asl, .*, got "rol"/],
  [["--loss", "splc", "--cuda-graphs"], /same at every step for --cuda-graphs, got --loss splc/],
])("csl train %j is refused", async (flags, message) => {
  await expect(train(...flags, "--path-dest", at("refused"))).rejects.toThrow(message);
});

it("a resume with another loss is refused by name", async () => {
  const resume = ["--resume", at("csl", "last.safetensors"), "--path-dest", at("csl"), "--epochs", 1];
  await expect(train(...resume, "--loss", "hill")).rejects.toThrow(/--loss "hill" instead of "csl"/);
});

it("csl train --help lists the flags of each loss under its name", async () => {
  let help = "";
  await runCommand(["train", "--help"], { ...quiet, out: { write: (text) => (help += text) } });
  for (const [name, { flags }] of Object.entries(losses)) {
    const own = Object.keys(flags).filter((flag) => flag !== "expected-positives");
    if (own.length === 0) continue;
    const group = help.slice(help.indexOf(`\nLoss ${name}:\n`) + 1).split("\n\n")[0]!;
    expect(group.match(/^ +--[\w-]+/gm)!.map((flag) => flag.trim().slice(2))).toEqual(own);
  }
});

describe("csl run --loss", () => {
  const recipe = parseRecipe(
    JSON.stringify({ csl: { "gamma-unann": 4, "prior-threshold": 0.2, lr: 0.01 }, "topk-scope": "sample" }),
    "own.json",
  );
  const plan = (given: Record<string, unknown>) => planSteps({ recipe, given, out: "out", compare: false });

  it("needs no temporary model and leaves out what the recipe says of csl", () => {
    const steps = plan({ data: "d", loss: "hill", "hill-lambda": 2 });
    expect(steps.map(({ name }) => name)).toEqual(["csl", "evaluate csl"]);
    expect(steps[0]!.flags).toEqual({
      data: "d",
      loss: "hill",
      "hill-lambda": 2,
      lr: 0.01,
      "path-dest": "out/csl",
    });
  });

  it("csl itself is planned as without it", () => {
    const [steps, with_] = [plan({ data: "d" }), plan({ data: "d", loss: "csl" })];
    expect(with_.map(({ name }) => name)).toEqual(steps.map(({ name }) => name));
    const csl = (all: typeof steps) => all.find(({ name }) => name === "csl")!.flags;
    expect(csl(with_)).toEqual({ ...csl(steps), loss: "csl" });
  });

  it("refuses flags of another loss before any step", () => {
    expect(() => plan({ data: "d", "hill-lambda": 2 })).toThrow(
      /csl run: expected --hill-lambda with --loss hill/,
    );
    expect(() => plan({ data: "d", loss: "hill", "gamma-unann": 2 })).toThrow(
      /--gamma-unann with --loss csl only/,
    );
  });
});
