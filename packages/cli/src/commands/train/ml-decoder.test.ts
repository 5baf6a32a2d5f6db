import { readFile, writeFile } from "node:fs/promises";
import { loadCheckpoint, writeSafetensors } from "@csl/checkpoints";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../../run-command.js";
import { planSteps } from "../run/plan-steps.js";
import { parseRecipe } from "../run/read-recipe.js";

const { at } = temporaryFolder();
let printed = "";
const stream = { write: (text: string) => (printed += text) };
const csl = async (...words: (string | number)[]): Promise<string> => {
  printed = "";
  await runCommand(words.map(String), { out: stream, err: stream });
  return printed;
};
const scenes = () => ["--data", at("scenes"), "--engine", "wasm"];
const data = () => [...scenes(), "--workers", 0];
const small = ["--model-name", "tresnet_tiny", "--image-size", 32, "--augment", "none", "--batch-size", 8];
const head = ["--head", "ml-decoder", "--decoder-embedding", 16];
const train = (out: string, ...flags: (string | number)[]) =>
  csl("train", ...data(), ...small, ...head, "--path-dest", at(out), ...flags);
const json = async (...path: string[]) => JSON.parse(await readFile(at(...path), "utf8"));

beforeAll(async () => {
  const sizes = ["--train", 16, "--val", 8, "--ood", 0, "--classes", 3, "--size", 32];
  await csl("scenes", at("scenes"), ...sizes);
});

describe("csl train --head ml-decoder", () => {
  it("stopped after an epoch and resumed it ends the same, dropout included; config and card tell of the head", async () => {
    const flags = ["--num-of-groups", 2, "--epochs", 2];
    await train("whole", ...flags);
    await train("parts", ...flags, "--stop-epoch", 1);
    await train("parts", ...flags, "--resume", at("parts", "last.safetensors"));
    const [first, second] = await Promise.all(
      ["whole", "parts"].map((name) => loadCheckpoint(at(name, "last.safetensors"))),
    );
    expect({ ...second, config: null }).toEqual({ ...first, config: null });
    const { config } = first!;
    expect(config).toMatchObject({
      ...{ head: "ml-decoder", decoderEmbedding: 16, numOfGroups: 2 },
      model: { head: "ml-decoder", decoder: { embedding: 16, groups: 2 } },
    });
    expect(await readFile(at("whole", "MODEL_CARD.md"), "utf8")).toContain(
      "- Network: tresnet_tiny, ml-decoder head (width 16, 2 queries)",
    );
    await expect(train("parts", "--epochs", 2, "--resume", at("parts", "last.safetensors"))).rejects.toThrow(
      /--num-of-groups none instead of 2/,
    );
  });

  it("its checkpoint is evaluated, tags images, gives a prior, and starts a training of the head alone", async () => {
    const model = ["--model-path", at("whole", "best.safetensors")];
    await csl("evaluate", ...data(), ...model, "--json", at("evaluation.json"));
    const { best } = await json("whole", "result.json");
    const evaluation = JSON.stringify(await json("evaluation.json"));
    expect(evaluation).toContain(String(best.score));
    await csl("estimate-prior", ...data(), ...model, "--out", at("prior.json"));
    await csl("infer", ...scenes(), ...model, "--count", 1, "--out", at("tags"));
    expect((await json("tags", "tags.json")).images).toHaveLength(1);
    const flags = ["--num-of-groups", 2, "--epochs", 1, "--keep-head", "--freeze-body", 1];
    expect(await train("frozen", ...model, ...flags)).not.toMatch(/new: |not used: /);
    const [before, after] = await Promise.all(
      ["whole/best.safetensors", "frozen/last.safetensors"].map((name) => loadCheckpoint(at(name))),
    );
    const changed = [...after!.state].filter(([key, { data }]) => {
      const { data: old } = before!.state.get(key)!;
      return data.some((value, i) => value !== old[i]);
    });
    expect(changed.length).toBeGreaterThan(10);
    expect(changed.filter(([key]) => !key.startsWith("head.") || key.includes("query_embed"))).toEqual([]);
  });
});

describe("csl run --head ml-decoder", () => {
  const plan = (given: Record<string, unknown>) =>
    planSteps({
      recipe: parseRecipe("{}", "recipe"),
      given: { data: "D", ...given },
      out: "run",
      compare: false,
    });

  it("is the head of every training; embeddings go to each step with a model and are an input of it", () => {
    const steps = plan({ head: "ml-decoder", "class-embeddings": "words.csv" });
    const withModel = steps.filter(({ name }) => name !== "labels");
    expect(withModel.length).toBeGreaterThan(3);
    for (const { flags, inputs, checkpoint } of withModel) {
      expect([flags["class-embeddings"], inputs.includes("words.csv")]).toEqual(["words.csv", true]);
      expect(flags.head).toBe(checkpoint === undefined ? undefined : "ml-decoder");
    }
  });

  it("sizes without it are refused before any step", () => {
    expect(() => plan({ "num-of-groups": 4 })).toThrow(
      /csl run: expected --num-of-groups with --head ml-decoder only, got it with --head linear/,
    );
  });
});

describe("--class-embeddings", () => {
  const line = (id: string, seed: number): string =>
    [id, ...Array.from({ length: 6 }, (_, i) => Math.sin(seed * 7 + i).toFixed(3))].join(",");
  let ids: string[];
  const seen = () => at("seen.csv");
  const more = () => at("more.csv");

  beforeAll(async () => {
    const { categories } = await json("scenes", "annotations", "instances_train.json");
    ids = categories.map(({ id }: { id: number }) => String(id));
    const rows = ids.map((id, i) => line(id, i));
    await writeFile(seen(), ["unicorn,9,9,9,9,9,9", ...rows].join("\n"));
    await writeFile(
      more(),
      ["id,name,a,b,c,d,e,f", ...rows.map((row) => row.replace(",", ",,")), `zebu,Zebu,1,2,3,1,2,3`].join(
        "\n",
      ),
    );
  });

  it("a model learns classes by their embeddings, and scores one without training labels by its own", async () => {
    await train("words", "--class-embeddings", seen(), "--epochs", 1);
    const { model, classEmbeddings } = await json("words", "config.json");
    expect(model.decoder).toEqual({ embedding: 16, classEmbedding: 6 });
    expect(classEmbeddings).toBe(seen());
    const trained = ["--model-path", at("words", "best.safetensors")];
    const own = await csl("evaluate", ...data(), ...trained, "--json", at("own.json"));
    const given = ["--class-embeddings", seen(), "--json", at("given.json")];
    const again = await csl("evaluate", ...data(), ...trained, ...given);
    expect(own).toContain("mAP");
    expect((await json("given.json")).mapC).toEqual((await json("own.json")).mapC);
    expect(again).toContain("mAP");
    const all = ["--class-embeddings", more(), "--th", 0, "--out", at("unseen")];
    await csl("infer", ...scenes(), ...trained, ...all, "--count", 1);
    const { tags } = (await json("unseen", "tags.json")).images[0];
    expect(tags.map(({ id }: { id: string }) => id).sort()).toEqual([...ids, "zebu"].sort());
    expect(tags.find(({ id }: { id: string }) => id === "zebu").name).toBe("Zebu");
  });

  it("of a file without embeddings, as the reference's: with --class-embeddings evaluated and trained on, without refused", async () => {
    const { state } = await loadCheckpoint(at("words", "best.safetensors"));
    state.delete("head.decoder.query_embed");
    await writeSafetensors(at("bare.safetensors"), state);
    const bare = ["--model-path", at("bare.safetensors")];
    await expect(csl("evaluate", ...data(), ...bare)).rejects.toThrow(
      /expected --class-embeddings, since this model's classes are given by embeddings/,
    );
    const embeddings = ["--class-embeddings", seen()];
    await csl("evaluate", ...data(), ...bare, ...embeddings, "--image-size", 32, "--json", at("bare.json"));
    expect((await json("bare.json")).mapC).toEqual((await json("own.json")).mapC);
    expect(await train("further", ...bare, ...embeddings, "--epochs", 1)).not.toMatch(/new: \d/);
  });

  it.each<[string, () => (string | number)[], RegExp]>([
    [
      "another head",
      () => ["--head", "linear", "--class-embeddings", seen()],
      /--decoder-embedding with --head ml-decoder only/,
    ],
    [
      "queries as well",
      () => ["--class-embeddings", seen(), "--num-of-groups", 2],
      /--num-of-groups or --class-embeddings, got both/,
    ],
    [
      "a width of 20",
      () => ["--decoder-embedding", 20],
      /--decoder-embedding to be a whole number from 8 to 65536, a multiple of 8, got 20/,
    ],
    ["recorded steps", () => ["--cuda-graphs"], /another head for --cuda-graphs, got --head ml-decoder/],
    [
      "a class without",
      () => ["--class-embeddings", at("lacking.csv")],
      /an embedding for each of the 3 classes, got none for 2/,
    ],
  ])("%s is refused", async (_, flags, message) => {
    await writeFile(at("lacking.csv"), line(ids[0]!, 0));
    await expect(train("refused", ...flags())).rejects.toThrow(message);
  });

  it.each<[string, string, () => string, RegExp]>([
    [
      "a model without embeddings",
      "whole",
      seen,
      /a model that was trained with --class-embeddings for --class-embeddings, got a head ml-decoder without/,
    ],
    [
      "another width",
      "words",
      () => at("wide.csv"),
      /expected 6 numbers for each class for --class-embeddings, got 7 in/,
    ],
  ])("csl infer with %s is refused", async (_, run, file, message) => {
    await writeFile(at("wide.csv"), `${line("a", 1)},1`);
    const model = ["--model-path", at(run, "best.safetensors"), "--class-embeddings", file()];
    await expect(csl("infer", ...scenes(), ...model, "--out", at("none"))).rejects.toThrow(message);
  });
});
