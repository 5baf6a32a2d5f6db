import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { drawScenes } from "@csl/scenes";
import { makeMiniatures } from "./make-miniatures.js";
import { runProcess } from "./run-process.js";
import { startSlowServer } from "./slow-server.js";
import type { Workload } from "./workload.js";

const root = join(import.meta.dirname, "../../..");
const program = join(root, "packages/cli/bin/csl.js");

const small = [
  ...["--model-name", "tresnet_tiny", "--image-size", "32", "--lr", "0.003", "--augment", "none"],
  ...["--batch-size", "8", "--workers", "1", "--checkpoint-every", "1"],
];

/** What the workloads read: drawn images, a trained model, a server with images. Everything is in `base`. */
export async function makeWorkloads(
  base: string,
): Promise<{ workloads: Workload[]; close(): Promise<void> }> {
  const at = (name: string): string => join(base, name);
  const scenes = at("scenes");
  const csl = async (...words: string[]): Promise<void> => {
    const { code, stderr } = await runProcess([program, ...words]);
    if (code !== 0) throw new Error(`csl ${words.join(" ")}: ${stderr}`);
  };
  const counts = { train: 48, val: 16, ood: 16, classes: 3, size: 32 };
  const miniatures = await makeMiniatures(await drawScenes({ folder: scenes, ...counts }), base);
  const data = ["--data", scenes, "--engine", "wasm"];
  await csl("train", ...data, ...small, "--epochs", "1", "--path-dest", at("model"));
  const server = await startSlowServer({ milliseconds: 10 });
  const ids = Array.from({ length: 40 }, (_, i) => `train/${(i + 1).toString(16).padStart(16, "0")}`);
  await writeFile(at("ids.txt"), `${ids.join("\n")}\n`);

  const same = (name: string, words: (folder: string) => string[]): Workload => ({
    name,
    command: async (folder) => [program, ...words(folder)],
  });
  return {
    close: server.close,
    workloads: [
      {
        name: "train",
        async command(folder) {
          const last = join(folder, "last.safetensors");
          // The last of its log's steps is lost when it is killed before its first checkpoint.
          const again = existsSync(last)
            ? ["--resume", last]
            : existsSync(join(folder, "log.jsonl"))
              ? ["--overwrite"]
              : [];
          return [program, "train", ...data, ...small, "--epochs", "2", "--path-dest", folder, ...again];
        },
      },
      same("prepare", (folder) => [
        ...["prepare", "--images", join(scenes, "train"), "--out", folder],
        ...["--shard-samples", "10", "--short-edge", "24", "--workers", "1"],
      ]),
      same("scenes", (folder) => [
        ...["scenes", folder, "--train", "48", "--val", "16", "--ood", "8", "--classes", "3", "--size", "64"],
      ]),
      same("simulate", (folder) => [
        ...["simulate", "--data", scenes, "--out", folder],
        ...["--simulate-partial-type", "rps", "--simulate-partial-param", "0.5"],
      ]),
      same("estimate-prior", (folder) => [
        ...["estimate-prior", ...data, "--batch-size", "1", "--workers", "1"],
        ...["--model-path", join(at("model"), "best.safetensors")],
        ...["--out", join(folder, "prior.json"), "--json", join(folder, "report.json")],
      ]),
      same("download", (folder) => [
        ...["download", "--dataset", "openimages", "--ids", at("ids.txt"), "--base-url", server.url],
        ...["--out", folder, "--parallel", "2"],
      ]),
      ...Object.entries(miniatures).map(([preset, from]) =>
        same(`run ${preset}`, (folder) => [
          ...["run", preset, "--data", from, "--engine", "wasm", ...small, "--epochs", "1"],
          ...["--prior-threshold", "0.5", "--likelihood-topk", "1", "--path-dest", folder],
        ]),
      ),
    ],
  };
}
