import { findKnownWeights, knownWeights, type ListedWeights, listWeights } from "@csl/download";
import { writeJson } from "../files/write-json.js";
import { type Context, defineCommand } from "../flags/command.js";
import { file, integer, toggle } from "../flags/flag.js";
import { offlineFlag, overwriteFlag } from "../flags/shared-flags.js";
import { fetchByName } from "../models/locate-model.js";
import { loadScenes, scenesBody } from "../models/scenes-package.js";
import { formats, outputKinds } from "../outputs/output-kinds.js";
import { formatBytes } from "../terminal/format.js";

/** `csl weights`: which weights have a name, and what the cache holds. */
export const weightsCommand = defineCommand({
  name: "weights",
  summary: "list the public weights that --model-path takes by name, and those in the cache",
  flags: {
    Results: {
      json: file("write the list as JSON", { writes: outputKinds.weightsList }),
      overwrite: overwriteFlag,
    },
  },
  async run({ json }, { terminal }) {
    const listed = await listWeights();
    terminal.print(formatList(listed));
    if (json) await writeList(json, listed);
  },
});

/** `csl weights get NAME`: fetches weights into the cache and prints their path. */
export const weightsGetCommand = defineCommand({
  name: "weights get",
  summary:
    "fetch weights by name, hf:owner/name[@revision][/file] or address into the cache, and print the path; continues where it stopped",
  positional: {
    name: "name",
    many: false,
    description: "a name that csl weights lists, hf:owner/name[@revision][/file], or an address",
    choices: knownWeights.map(({ name }) => name),
  },
  flags: {
    "How they are fetched": {
      offline: offlineFlag,
      refresh: toggle("ask whether the server has another file by now, and fetch that"),
      retries: integer("further attempts after the first", { default: 6, from: 0 }),
    },
    Results: {
      json: file("write what is known of the file as JSON, as a list of one", {
        writes: outputKinds.weightsList,
      }),
      overwrite: overwriteFlag,
    },
  },
  async run({ json, offline, refresh, retries }, context, [name = ""]) {
    if (name === scenesBody) return getScenesBody(json, context);
    const weights = await fetchByName(
      name,
      { speaker: "csl weights get", offline, refresh, retries },
      context,
    );
    const known = findKnownWeights(weights.name);
    if (json) await writeList(json, [{ name: weights.name, cached: weights, ...(known && { known }) }]);
    context.terminal.print(weights.path);
  },
});

/** The weights of a package of ours, which are not fetched. */
async function getScenesBody(json: string | undefined, { terminal }: Context): Promise<void> {
  const { pretrainedBody } = await loadScenes("csl weights get", `the weights ${scenesBody}`);
  const path = pretrainedBody();
  const listed = toJson({ name: scenesBody });
  if (json)
    await writeJson(json, {
      format: formats.weightsList,
      weights: [{ ...listed, network: "tresnet_tiny", license: "MIT", source: "@csl/scenes", path }],
    });
  terminal.print(path);
}

function writeList(path: string, weights: readonly ListedWeights[]): Promise<void> {
  return writeJson(path, { format: formats.weightsList, weights: weights.map(toJson) });
}

function toJson({ name, known, cached }: ListedWeights): Record<string, unknown> {
  return {
    name,
    network: known?.model ?? null,
    classes: known?.classes ?? null,
    outputs: known?.outputs ?? null,
    imageSize: known?.imageSize ?? null,
    bytes: cached?.bytes ?? known?.bytes ?? null,
    license: cached?.license ?? known?.license ?? null,
    source: cached?.source ?? (known ? `hf:${known.repository}` : null),
    cached: cached !== undefined,
    path: cached?.path ?? null,
    sha256: cached?.sha256 ?? null,
    sha256By: cached?.sha256By ?? null,
    commit: cached?.commit ?? null,
  };
}

const HEADINGS = ["name", "network", "outputs", "image", "size", "license", "cached"];

function formatList(listed: readonly ListedWeights[]): string {
  const named = listed.filter(({ known }) => known);
  const others = listed.filter(({ known }) => !known);
  const rows = named.map(({ name, known, cached }) => [
    name,
    known!.model,
    `${known!.outputs} of ${known!.classes}`,
    String(known!.imageSize),
    formatBytes(cached?.bytes ?? known!.bytes),
    known!.license,
    cached ? "yes" : "no",
  ]);
  return [
    ...aligned([HEADINGS, ...rows]),
    `${scenesBody}, for experiments on drawn scenes, is in the package @csl/scenes. The others come`,
    "from timm/NAME on the Hugging Face hub, or its mirror HF_ENDPOINT. Images: RGB in [0, 1].",
    ...(others.length > 0 ? ["", "Also in the cache:"] : []),
    ...aligned(
      others.map(({ name, cached }) => [
        `  ${name}`,
        formatBytes(cached!.bytes),
        cached!.license ?? "license not stated",
      ]),
    ),
  ].join("\n");
}

function aligned(rows: readonly string[][]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]!.length))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}
