import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../run-command.js";

let folder: string;
const at = (...parts: string[]): string => join(folder, ...parts);

/** Runs a command line and returns its results, and its progress. */
async function csl(...args: (string | number)[]): Promise<{ out: string; err: string }> {
  const said = { out: "", err: "" };
  const stream = (name: "out" | "err") => ({ write: (text: string) => (said[name] += text) });
  await runCommand(args.map(String), { out: stream("out"), err: stream("err") });
  return said;
}

const engine = ["--engine", "wasm"];
const model = (): string[] => ["--model-path", at("run", "best.safetensors"), ...engine];
const evaluate = (...flags: string[]) =>
  csl("evaluate", "--data", at("scenes"), "--workers", 0, ...model(), ...flags);
const infer = (...flags: string[]) =>
  csl("infer", "--data", at("scenes"), "--count", 2, ...model(), "--out", at("tags"), ...flags);
const read = async (...parts: string[]) => JSON.parse(await readFile(at(...parts), "utf8"));
const tagsWritten = () => read("tags", "tags.json");

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "csl-thresholds-"));
  await csl("scenes", at("scenes"), "--train", 16, "--val", 40, "--ood", 16, "--classes", 4);
  const small = ["--model-name", "tresnet_tiny", "--image-size", 32, "--epochs", 1, "--augment", "none"];
  const run = ["--batch-size", 8, "--workers", 0, "--path-dest", at("run"), ...engine];
  await csl("train", "--data", at("scenes"), ...small, ...run);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("csl evaluate --thresholds and what csl infer makes of them", () => {
  it("evaluate: says how far the probabilities can be believed, without thresholds", async () => {
    const { out } = await evaluate("--json", at("val.json"));
    expect(out).toMatch(/calibration error \d+\.\d\d \(mean of the classes .*with temperature \d+\.\d\d: /);
    expect(out).not.toContain("CF1");
    const { calibration, temperature, scaled } = await read("val.json");
    expect(calibration.entries).toBe(40 * 4);
    expect(calibration.reliability).toHaveLength(15);
    expect(temperature).toBeGreaterThan(0);
    expect(scaled.brier).toBeLessThan(1);
  });

  it("evaluate --thresholds: writes them by class id, and both what was fitted and what to expect", async () => {
    const { out } = await evaluate("--thresholds", at("run", "thresholds.json"));
    expect(out).toMatch(/one per class( +\d+\.\d\d){6} {3}cross-fitted/);
    expect(out).toMatch(/one per class, optimistic( +\d+\.\d\d){6}/);
    expect(out).toContain(`→ ${at("run", "thresholds.json")}`);
    const file = await read("run", "thresholds.json");
    expect(file).toMatchObject({
      format: "csl-thresholds/1",
      criterion: { name: "f-beta", beta: 1 },
      checkpoint: { file: "best.safetensors", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      data: { dataset: "coco", split: "val", images: 40 },
    });
    expect(file.classes["1"].name).toBe("person");
    expect(Object.keys(file.classes)).toHaveLength(4);
    expect(file.estimate.fitted.cf1).toBeGreaterThanOrEqual(file.estimate.crossFitted.cf1);
    for (const { logit, probability } of [file.global, ...Object.values<typeof file.global>(file.classes)])
      expect(probability).toBeCloseTo(1 / (1 + Math.exp(-logit)), 12);
  });

  it("evaluate: says what they give on other images, and on their own what they gave", async () => {
    const other = await evaluate("--split", "ood");
    expect(other.out).toMatch(/thresholds\.json \(chosen for F1 on val\): CP/);
    await evaluate("--json", at("again.json"));
    const { decisions } = await read("again.json");
    const { estimate } = await read("run", "thresholds.json");
    expect(decisions.cf1).toBeCloseTo(estimate.fitted.cf1, 12);
  });

  it("infer: finds them next to the checkpoint, and decides as the evaluation did", async () => {
    const { err } = await infer();
    expect(err).toContain("one per class, from");
    expect(err).toContain(", next to the checkpoint (--th for a single one)");
    const { thresholds, images } = await tagsWritten();
    expect(thresholds).toBe(at("run", "thresholds.json"));
    const { classes, temperature } = await read("run", "thresholds.json");
    for (const tag of images.flatMap(({ tags }: { tags: object[] }) => tags)) {
      expect(tag.threshold).toBeCloseTo(classes[tag.id].probability, 6);
      const logit = Math.log(tag.score / (1 - tag.score));
      expect(tag.calibrated).toBeCloseTo(1 / (1 + Math.exp(-logit / temperature)), 6);
    }
  });

  it("infer: each class by its own threshold, classes without one by the shared one", async () => {
    const file = await read("run", "thresholds.json");
    const ids = Object.keys(file.classes);
    file.classes = { [ids[0]!]: { ...file.classes[ids[0]!], logit: -50 }, [ids[1]!]: { logit: 50 } };
    file.global = { logit: -50, probability: 0 };
    await writeFile(at("own.json"), JSON.stringify(file));
    const { err } = await infer("--thresholds", at("own.json"));
    expect(err).toMatch(/from .*own\.json; 2 classes that it does not list have the shared 0\.000/);
    const tagged = (await tagsWritten()).images.map(({ tags }: { tags: { id: string }[] }) =>
      tags.map(({ id }) => id).sort(),
    );
    const expected = ids.filter((id) => id !== ids[1]).sort();
    expect(tagged).toEqual([expected, expected]);
  });

  it("infer: the best class of an image without a tag is marked as below its threshold", async () => {
    const { out } = await infer("--th", "1");
    expect(out.match(/below the threshold of 1: no class is above its own/g)).toHaveLength(2);
    for (const { tags } of (await tagsWritten()).images)
      expect(tags).toMatchObject([{ threshold: 1, below: true }]);
    const all = await infer("--th", "0");
    expect(all.out).not.toContain("below");
  });

  it("evaluate: --image-size is obeyed, and what the model was trained on is told", async () => {
    const { err } = await evaluate("--image-size", "64", "--json", at("larger.json"));
    expect(err).toContain("images of 64 x 64, as asked for; the model was trained on 32 x 32");
    expect((await evaluate()).err).not.toContain("as asked for");
    expect((await read("larger.json")).mapC).not.toBe((await read("val.json")).mapC);
  });

  it("infer: --th wins over the file beside; a file for another checkpoint is used only when it is named", async () => {
    const single = await infer("--th", "0.2");
    expect(single.err).not.toContain("thresholds");
    expect((await tagsWritten()).threshold).toBe(0.2);
    const last = ["--model-path", at("run", "last.safetensors")];
    expect((await infer(...last)).err).toMatch(
      /for another checkpoint \(best\.safetensors\) and are not used/,
    );
    expect((await tagsWritten()).threshold).toBe(0.97);
    const named = await infer(...last, "--thresholds", at("run", "thresholds.json"));
    expect(named.err).toMatch(/from .*thresholds\.json, chosen for another checkpoint/);
    expect((await tagsWritten()).thresholds).toBe(at("run", "thresholds.json"));
  });
});

describe("bad input", () => {
  const broken = async (change: (text: string) => string): Promise<string[]> => {
    await writeFile(at("broken.json"), change(await readFile(at("run", "thresholds.json"), "utf8")));
    return ["--thresholds", at("broken.json")];
  };

  it("infer: a class that the model does not have, with the nearest id", async () => {
    const flags = await broken((text) => text.replace('"1":', '"1x":'));
    await expect(infer(...flags)).rejects.toThrow(
      /broken\.json has classes that the model does not have \(1 of 4\), first "1x" \(the nearest that it has: 1\).*csl evaluate --thresholds/,
    );
  });

  it.each([
    ["cut off", (text: string) => text.slice(0, 99), /broken\.json: expected JSON/],
    ["of another kind", () => "{}", /expected format csl-thresholds\/1, got undefined/],
    [
      "without a number",
      (text: string) => text.replaceAll(/"logit": [^,]+/g, '"logit": null'),
      /expected a finite logit for global, got null\. Move it away and write one with csl evaluate --thresholds .*, or use csl infer --th/,
    ],
    [
      "with an infinite number",
      (text: string) => text.replace(/("classes"[\s\S]*?"logit": )[^,]+/, "$11e999"),
      /expected a finite logit for class 1, got Infinity\..*csl evaluate --thresholds/,
    ],
    [
      "with an infinite temperature",
      (text: string) => text.replace(/"temperature": [^,]+/, '"temperature": 1e999'),
      /expected a positive, finite "temperature", got Infinity/,
    ],
    [
      "without a criterion",
      (text: string) => text.replace('"criterion"', '"c"'),
      /expected a "criterion" with its name, got nothing/,
    ],
    [
      "without a temperature",
      (text: string) => text.replace('"temperature"', '"t"'),
      /positive, finite "temperature", got nothing/,
    ],
  ])("infer: a file %s", async (_, change, message) => {
    await expect(infer(...(await broken(change)))).rejects.toThrow(message);
  });

  it("infer: no such file, both flags, a threshold that is no probability", async () => {
    await expect(infer("--thresholds", at("none.json"))).rejects.toThrow(
      /expected --thresholds to be a file of thresholds, got .*none\.json, which does not exist/,
    );
    const file = ["--thresholds", at("run", "thresholds.json")];
    await expect(infer(...file, "--th", "0.5")).rejects.toThrow("expected --th or --thresholds, got both");
    await expect(infer("--th", "97")).rejects.toThrow("expected --th to be a number from 0 to 1, got 97");
  });

  it("a thresholds.json of another program is ignored; one of ours that is damaged is reported at once", async () => {
    const beside = at("run", "thresholds.json");
    const own = await readFile(beside);
    try {
      await writeFile(beside, '{"accuracy": 0.5}');
      expect((await evaluate("--json", at("beside.json"))).out).not.toContain("CF1");
      expect((await infer()).err).not.toContain("thresholds");
      await writeFile(beside, '{"format": "csl-thresholds/1"}');
      await expect(evaluate("--json", at("later.json"))).rejects.toThrow(
        /thresholds\.json: expected "global"/,
      );
    } finally {
      await writeFile(beside, own);
    }
  });

  it("evaluate: fewer images than parts, before one is read", async () => {
    await csl("scenes", at("few"), "--train", 1, "--val", 3, "--ood", 0, "--classes", 4);
    await expect(evaluate("--data", at("few"), "--thresholds", at("few.json"))).rejects.toThrow(
      /at least 5 images with --thresholds, .*got 3 in "val"\. Name a larger split with --split, or leave --thresholds out/,
    );
  });

  it("evaluate: writes thresholds over nothing but thresholds", async () => {
    const checkpoint = at("run", "last.safetensors");
    const before = await readFile(checkpoint);
    await expect(evaluate("--thresholds", checkpoint)).rejects.toThrow(
      /expected --thresholds to be a new file, .* got .*last\.safetensors, which is something else/,
    );
    expect((await readFile(checkpoint)).equals(before)).toBe(true);
    await expect(evaluate("--thresholds", folder)).rejects.toThrow(/which is a folder/);
    await expect(evaluate("--criterion", "f2")).rejects.toThrow(/expected --thresholds with --criterion/);
  });

  it("evaluate: an unknown criterion, before anything is computed; a folder that is a file", async () => {
    await expect(evaluate("--thresholds", at("t.json"), "--criterion", "accuracy")).rejects.toThrow(
      /expected --criterion to be f1, f2.*got "accuracy"/,
    );
    await copyFile(at("val.json"), at("taken"));
    await expect(evaluate("--thresholds", at("taken", "t.json"))).rejects.toThrow(
      /expected the folder of --thresholds to be a folder that can be written, got .*taken/,
    );
    expect((await readdir(folder)).filter((name) => name.includes("t.json"))).toEqual([]);
  });
});
