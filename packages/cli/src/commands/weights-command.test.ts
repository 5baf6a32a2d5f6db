import { readdir, readFile, stat } from "node:fs/promises";
import { loadCheckpoint, type StateDict, saveCheckpoint, writeSafetensors } from "@csl/checkpoints";
import { knownWeights } from "@csl/download";
import { startEngine } from "@csl/engine";
import { HubServer } from "@csl/test-support/hub-server";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { createTResNet, stateDictShapes, type TResNetVariant } from "@csl/tresnet";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { timmStateDict } from "../../test/timm-weights.js";
import { runCommand } from "../run-command.js";
import { commands } from "./commands.js";

const { at } = temporaryFolder();
let hub: HubServer;

/** Runs a command line: its results, then what it wrote. */
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
const train = (...more: (string | number)[]) =>
  csl(
    ...["train", ...data(), "--model-name", "tresnet_tiny", "--image-size", 32, "--epochs", 1],
    ...["--augment", "none", ...more],
  );

/** Bytes of the tensors: 4 each, and 8 for the counters of batches. */
function tensorBytes(variant: TResNetVariant, numClasses: number): number {
  const shapes = [...stateDictShapes({ variant, numClasses })];
  return shapes.reduce(
    (sum, [key, shape]) => sum + shape.reduce((a, b) => a * b, key.endsWith("num_batches_tracked") ? 8 : 4),
    0,
  );
}

beforeAll(async () => {
  hub = await HubServer.start();
  await csl("scenes", at("scenes"), "--train", 16, "--val", 8, "--ood", 0, "--classes", 3);
  await startEngine({ prefer: "wasm" });
  const blocks = ["basic", "basic", "basic", "basic"] as const;
  const model = createTResNet({
    variant: { layers: [1, 1, 1, 1], width: 0.25, blocks },
    numClasses: 7,
    seed: 3,
  });
  const state: StateDict = await model.stateDict();
  const tensors = new Map(
    [...timmStateDict(state)].map(([key, tensor]) => [key, { ...tensor, dtype: "F32" as const }]),
  );
  await writeSafetensors(at("timm.safetensors"), tensors);
  await saveCheckpoint(at("mine.safetensors"), {
    state,
    classes: { ids: [..."abcdefg"], names: [..."ABCDEFG"] },
    config: { model: model.config, imageSize: 32 },
  });
  model.dispose();
  hub.put("timm/tiny", "model.safetensors", await readFile(at("timm.safetensors")));
  hub.put("me/mine", "best.safetensors", await readFile(at("mine.safetensors")));
});
afterAll(() => hub.close());
beforeEach(() => {
  vi.stubEnv("CSL_CACHE", at("cache"));
  vi.stubEnv("HF_ENDPOINT", hub.endpoint);
  for (const name of ["HF_TOKEN", "HF_HUB_OFFLINE", "CSL_OFFLINE"]) vi.stubEnv(name, "");
  return () => vi.unstubAllEnvs();
});

describe("csl weights", () => {
  it("lists name, network, outputs, image size, size and license, and what the cache has; as JSON too", async () => {
    vi.stubEnv("CSL_CACHE", at("empty"));
    const { printed } = await csl("weights", "--json", at("weights.json"));
    expect(printed).toMatch(
      /tresnet_m\.miil_in21k +tresnet_m +11221 of ImageNet-21K-P +224 +210 MB +Apache-2\.0 +no\n/,
    );
    const { weights } = JSON.parse(await readFile(at("weights.json"), "utf8"));
    expect(weights.map(({ name }: { name: string }) => name)).toEqual(knownWeights.map(({ name }) => name));
    expect(weights[0]).toMatchObject({
      ...{ network: "tresnet_m", outputs: 11_221, imageSize: 224, license: "Apache-2.0", cached: false },
      source: "hf:timm/tresnet_m.miil_in21k",
    });
  });

  it("get: prints the path alone, is told as cached afterwards, and fetches nothing twice", async () => {
    const first = await csl("weights", "get", "hf:timm/tiny", "--json", at("tiny.json"));
    const path = first.printed.trimEnd();
    expect((await stat(path)).isFile()).toBe(true);
    expect(first.written).toMatch(/fetched: hf:timm\/tiny, .* SHA-256 [0-9a-f]{12}, license apache-2\.0/);
    const [told] = JSON.parse(await readFile(at("tiny.json"), "utf8")).weights;
    expect(told).toMatchObject({
      ...{ name: "hf:timm/tiny", path, cached: true, sha256By: "server", network: null },
    });
    const again = await csl("weights", "get", "hf:timm/tiny");
    expect(again.printed).toBe(first.printed);
    expect(again.written).toMatch(/in the cache: hf:timm\/tiny/);
    expect((await csl("weights")).printed).toMatch(
      /Also in the cache:\n {2}hf:timm\/tiny +1\.\d+ MB +apache-2\.0/,
    );
  });

  it("get of the body that @csl/scenes holds: its path in the package, and no server is asked", async () => {
    const json = at("scenes-body.json");
    const { printed } = await csl("weights", "get", "tresnet_tiny.scenes", "--offline", "--json", json);
    const path = printed.trimEnd();
    expect((await loadCheckpoint(path)).state.size).toBeGreaterThan(0);
    const [told] = JSON.parse(await readFile(json, "utf8")).weights;
    expect(told).toMatchObject({ name: "tresnet_tiny.scenes", network: "tresnet_tiny", path });
  });

  it.each([
    [["weights", "get"], /expected a name, got none: csl weights get NAME/],
    [["weights", "get", "tresnet_m.mil_in1k"], /csl weights get: .*Did you mean tresnet_m\.miil_in1k/],
    [
      ["weights", "get", "hf:me/mine"],
      /csl weights get: .*404 .*me\/mine has no model\.safetensors, but hf:me\/mine\/best/,
    ],
    [
      ["infer", "x.jpg", "--model-path", "tresnet_m.mil_in1k"],
      /does not exist\. Did you mean tresnet_m\.miil_in1k/,
    ],
    [
      ["train", "--model-name", "tresnet_m", "--model-path", "tresnet_l.miil_in1k"],
      /expected weights of tresnet_m \(--model-name\), got tresnet_l\.miil_in1k, .* Pass --model-name tresnet_l\./,
    ],
  ])("%j is an error in words", async (args, message) => {
    const more = args[0] === "train" ? [...data(), "--path-dest", at("refused")] : [];
    await expect(csl(...args, ...more)).rejects.toThrow(message);
  });

  it("has the sizes of the networks' tensors", () => {
    const variants = { tresnet_m: "m", tresnet_l: "l", tresnet_xl: "xl", tresnet_l_v2: "l-v2" } as const;
    for (const { name, model, outputs, bytes } of knownWeights)
      expect([name, bytes]).toEqual([name, tensorBytes(variants[model], outputs)]);
  });
});

describe("--model-path takes names", () => {
  it("in every command that has it, with --offline beside it", () => {
    const having = commands.filter(({ flags }) =>
      Object.values(flags).some((group) => "model-path" in group),
    );
    expect(having.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["train", "estimate-prior", "evaluate", "infer"]),
    );
    for (const { name, flags } of having) {
      const rows = Object.assign({}, ...Object.values(flags));
      const { reads } = rows["model-path"].more;
      // csl review asks for no model where it applies answers: what the flag names is looked at when it is opened.
      expect([name, reads ? reads.elsewhere("hf:owner/name") : name === "review", "offline" in rows]).toEqual(
        [name, true, true],
      );
    }
  });

  it("from timm's layout on the hub to a model of one's own, then offline without a server", async () => {
    const { written } = await train("--model-path", "hf:timm/tiny", "--path-dest", at("run"));
    expect(written).toMatch(
      /weights: hf:timm\/tiny\n {2}loaded: .*\n {2}new: 2, since the file names no classes/,
    );
    vi.stubEnv("HF_ENDPOINT", "http://127.0.0.1:65530");
    await train("--model-path", "hf:timm/tiny", "--offline", "--path-dest", at("offline"));
    const weightsOf = async (run: string) => (await readFile(at(run, "best.safetensors"))).subarray(-1000);
    expect((await weightsOf("offline")).equals(await weightsOf("run"))).toBe(true);
    vi.stubEnv("HF_HUB_OFFLINE", "1");
    await expect(train("--model-path", "hf:me/other", "--path-dest", at("not"))).rejects.toThrow(
      /csl train: expected hf:me\/other in the cache, as offline mode is on, got nothing/,
    );
    expect(await readdir(at("not")).catch(() => [])).toEqual([]);
  });

  it("and every checkpoint has a model card beside it, with the body's source and license over two trainings", async () => {
    await train("--model-path", "hf:timm/tiny", "--path-dest", at("first"));
    const card = await readFile(at("first", "MODEL_CARD.md"), "utf8");
    const config = JSON.parse(await readFile(at("first", "config.json"), "utf8"));
    expect(config.body).toMatchObject({ name: "hf:timm/tiny", license: "apache-2.0" });
    const { training } = await loadCheckpoint(at("first", "last.safetensors"));
    const { labels, validation } = training!.settings as { labels: string; validation: string };
    for (const part of [
      ...["base_model: timm/tiny", `SHA-256: ${config.body.sha256}`, "License: apache-2.0"],
      ...["| train | 16 |", labels, "| val | 8 |", validation, "after 1 of 1 epochs", "| mAP(C) |"],
    ])
      expect(card).toContain(part);
    await train("--model-path", at("first", "best.safetensors"), "--path-dest", at("second"), "--epochs", 2);
    const second = await readFile(at("second", "MODEL_CARD.md"), "utf8");
    expect(second).toMatch(
      /- Name: best\.safetensors\n[\s\S]*It was itself started from:[\s\S]*- Name: hf:timm\/tiny\n/,
    );
    // The same run, stopped and continued without --model-path, has the same card.
    const parts = ["--path-dest", at("parts"), "--epochs", 2];
    await train("--model-path", at("first", "best.safetensors"), ...parts, "--stop-epoch", 1);
    await train(...parts, "--resume", at("parts", "last.safetensors"));
    expect(await readFile(at("parts", "MODEL_CARD.md"), "utf8")).toBe(second);
  });

  it("for a checkpoint of ours, with its classes and image size: evaluate, estimate-prior, infer", async () => {
    const name = ["--model-path", "hf:me/mine/best.safetensors"];
    await expect(csl("evaluate", ...data(), ...name)).rejects.toThrow(/class/);
    await expect(csl("estimate-prior", ...data(), ...name, "--out", at("prior.json"))).rejects.toThrow(
      /class/,
    );
    const flags = ["--engine", "wasm", "--out", at("tags"), "--th", 0, "--top-k", 2];
    expect((await csl("infer", "--data", at("scenes"), "--count", 1, ...name, ...flags)).printed).toMatch(
      /0\.\d{3} {2}[A-G]\n/,
    );
    const { model, weights } = JSON.parse(await readFile(at("tags", "tags.json"), "utf8"));
    expect([model, weights.name, weights.sha256]).toEqual([
      ...[name[1], name[1], expect.stringMatching(/^[0-9a-f]{64}$/)],
    ]);
  });
});
