/**
 * Copies the three models of the quick start, and some of its images with their true labels, into the page:
 *
 *     pnpm --filter @csl/example-browser models [--small | --from out/quickstart-seed-1]
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const example = dirname(dirname(fileURLToPath(import.meta.url)));
const root = resolve(example, "../..");
export const modelsFolder = join(example, "public", "models");

/** By their folders in the run; the first one tags, and its body gives the features. */
const models = [
  { id: "csl", name: "CSL" },
  { id: "temporary", name: "Ignore" },
  { id: "negative", name: "Negative" },
];
/** How many images a person without images of their own can try. */
const samples = 12;

/**
 * Copies from a folder that `npm start` has written.
 *
 * @param {{ small?: boolean, from?: string, to?: string }} options `small`: out/quickstart-small; without it, and without
 * `from`, out/quickstart or, where that is not finished, out/quickstart-small
 * @returns the folder that the models are of, or why there is none
 */
export async function copyModels({ small = false, from, to = modelsFolder } = {}) {
  const places = small ? ["quickstart-small"] : ["quickstart", "quickstart-small"];
  const candidates =
    from === undefined ? places.map((name) => join(root, "out", name)) : [resolve(root, from)];
  const source = candidates.find(isFinished);
  if (!source)
    return {
      problem:
        `expected the three models of the quick start in ${candidates.map(shown).join(" or ")}, found none. ` +
        "Train them first: npm start (five minutes), or npm start -- --small (seconds).",
    };
  await rm(to, { recursive: true, force: true });
  await mkdir(join(to, "samples"), { recursive: true });
  const described = [];
  for (const { id, name } of models) {
    const folder = join(source, "run", id);
    const bytes = await readFile(join(folder, "best.safetensors"));
    await writeFile(join(to, `${id}.safetensors`), bytes);
    const { mapC } = await json(join(folder, "evaluation.json"));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    described.push({ id, name, file: `${id}.safetensors`, sha256, mapC });
  }
  const { global, classes } = await json(join(source, "run", "csl", "thresholds.json"));
  const thresholds = Object.fromEntries(Object.entries(classes).map(([id, { logit }]) => [id, logit]));
  const manifest = {
    source: shown(source),
    // So few images that scores mean nothing.
    small: source.endsWith("-small"),
    models: described,
    thresholds: { classes: thresholds, global: global.logit },
    samples: await copySamples(source, to),
  };
  await writeFile(join(to, "models.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return { source: shown(source) };
}

async function copySamples(source, to) {
  const { images, annotations } = await json(join(source, "scenes", "annotations", "instances_val.json"));
  const idOf = new Map(images.map(({ id, file_name }) => [file_name, id]));
  const folder = join(source, "scenes", "val");
  const names = (await readdir(folder)).filter((name) => idOf.has(name)).sort();
  const copied = [];
  for (const name of names.slice(0, samples)) {
    await cp(join(folder, name), join(to, "samples", name));
    const shows = annotations.filter(({ image_id }) => image_id === idOf.get(name));
    copied.push({
      file: `samples/${name}`,
      shows: [...new Set(shows.map((one) => String(one.category_id)))],
    });
  }
  return copied;
}

function isFinished(folder) {
  const files = [
    ...models.flatMap(({ id }) => [`${id}/best.safetensors`, `${id}/evaluation.json`]),
    "csl/thresholds.json",
  ];
  return files.every((file) => existsSync(join(folder, "run", file)));
}

const json = async (path) => JSON.parse(await readFile(path, "utf8"));
const shown = (path) => relative(root, path) || path;

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  let options;
  try {
    options = parseArgs({ options: { small: { type: "boolean" }, from: { type: "string" } } }).values;
  } catch (error) {
    console.error(`models: ${error.message.split("\n")[0]} It takes --small and --from FOLDER.`);
    process.exit(1);
  }
  const { source, problem } = await copyModels(options);
  if (problem) console.error(`models: ${problem}`);
  else console.log(`The page has the models of ${source}.`);
  process.exitCode = problem ? 1 : 0;
}
