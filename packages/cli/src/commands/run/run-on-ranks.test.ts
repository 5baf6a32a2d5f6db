import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { loadCheckpoint } from "@csl/checkpoints";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeAll, expect, it } from "vitest";
import { commandOnRanks } from "../../../test/on-ranks.js";
import { runCommand } from "../../run-command.js";
import { runMethodCommand } from "./run-method-command.js";
import { waitForFiles } from "./wait-for-files.js";

const { at } = temporaryFolder();

const recipe = {
  ...{ "model-name": "tresnet_tiny", "image-size": 32, "batch-size": 4, epochs: 2, augment: "none" },
  ...{ workers: 0, engine: "wasm", "checkpoint-every": 1 },
  simulate: { "simulate-partial-type": "rps", "simulate-partial-param": 0.5 },
  csl: { "prior-threshold": 0.3, "likelihood-topk": 1, "topk-scope": "sample" },
};

beforeAll(async () => {
  const silent = { write: () => {} };
  const sizes = "--train 16 --val 10 --ood 0 --classes 3 --size 32";
  await runCommand(["scenes", at("scenes"), ...sizes.split(" ")], { out: silent, err: silent });
  await writeFile(at("recipe.json"), JSON.stringify(recipe));
});

async function run(
  out: string,
  { size, accumulate = 1, stopAt }: { size: number; accumulate?: number; stopAt?: RegExp },
): Promise<string> {
  const stop = new AbortController();
  let told = "";
  await commandOnRanks(
    runMethodCommand,
    { data: at("scenes"), "path-dest": at(out), accumulate },
    {
      ...{ size, words: [at("recipe.json")], signal: stop.signal },
      tell(text) {
        told += text;
        if (stopAt?.test(told)) stop.abort(new DOMException("stopped", "AbortError"));
      },
    },
  );
  return told;
}

const files = (out: string, names: readonly string[]): Promise<string[]> =>
  Promise.all(names.map((name) => readFile(at(out, name), "latin1")));

const models = ["temporary", "csl"];
const computed = ["prior.json", "prior-report.json", ...models.map((model) => `${model}/evaluation.json`)];

/** What was trained; running statistics are means over the ranks, not what accumulated batches leave one after the other. */
async function trained(out: string, name: string): Promise<Map<string, unknown>> {
  const { state } = await loadCheckpoint(at(out, name));
  return new Map([...state].filter(([key]) => !/running_|num_batches/.test(key)));
}

it("two processes train what one trains that accumulates, and score as one does", async () => {
  const told = await run("two", { size: 2 });
  expect(told.match(/\$ csl/g)).toHaveLength(6);
  const two = await files("two", computed);
  // The trainings are finished: one process computes again what follows from them.
  await rm(at("two", "prior-report.json"));
  for (const model of models) await rm(at("two", model, "evaluation.json"));
  const again = await run("two", { size: 1 });
  expect(again.match(/\$ csl [a-z-]+/g)).toEqual([
    "$ csl estimate-prior",
    "$ csl evaluate",
    "$ csl evaluate",
  ]);
  expect(await files("two", computed)).toEqual(two);

  await expect(run("alone", { size: 1, accumulate: 2, stopAt: /3\/6/ })).rejects.toThrow("the same command");
  expect(await files("alone", ["labels/labels.csl"])).toEqual(await files("two", ["labels/labels.csl"]));
  const last = "temporary/last.safetensors";
  expect(await trained("alone", last)).toEqual(await trained("two", last));
});

it("stopped in a training, two continue to the same results, and one process can as well", async () => {
  const stopAt = /4\/6 Train CSL.*epoch 1\/2/s;
  await cp(at("two"), at("stopped"), { recursive: true });
  await rm(at("stopped", "csl"), { recursive: true });
  await expect(run("stopped", { size: 2, stopAt })).rejects.toThrow(
    "stopped in step 4 of 6; the same command",
  );
  await cp(at("stopped"), at("fewer"), { recursive: true });
  await run("stopped", { size: 2 });
  expect(await files("stopped", computed)).toEqual(await files("two", computed));
  expect(await run("fewer", { size: 1 })).toContain("this process accumulates 2 (--accumulate 2)");
});

it("a folder that another process does not see is refused in words", async () => {
  const gone = [at("not", "there.json")];
  await expect(
    waitForFiles(gone, { rank: 3, within: 0, signal: new AbortController().signal }),
  ).rejects.toThrow(
    /expected rank 3 to see .*there\.json, which rank 0 has written, .*file system that all processes see/,
  );
});
