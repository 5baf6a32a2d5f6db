import { readdir, readFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";

/** How two folders of results differ, one line each: files that are missing or left over, and other content. */
export async function compareFolders(expected: string, got: string): Promise<string[]> {
  const [wanted, found] = await Promise.all([filesIn(expected), filesIn(got)]);
  const faults = [
    ...wanted.filter((name) => !found.includes(name)).map((name) => `missing: ${name}`),
    ...found.filter((name) => !wanted.includes(name)).map((name) => `left over: ${name}`),
  ];
  for (const name of wanted) {
    if (!found.includes(name)) continue;
    const [a, b] = await Promise.all([expected, got].map((folder) => comparable(join(folder, name))));
    if (a !== b) faults.push(`other content: ${name}`);
  }
  return faults;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** The content as text, without times and without the flags by which a run was continued. */
async function comparable(path: string): Promise<string> {
  const bytes = await readFile(path);
  if (basename(path) === "log.jsonl") return logOf(bytes.toString());
  if (basename(path) === "report.md") return bytes.toString().replace(/## Steps[^#]*/, ""); // with their times
  if (extname(path) === ".json")
    return JSON.stringify(withoutTimes(JSON.parse(bytes.toString())), withoutHashes);
  if (extname(path) !== ".safetensors") return bytes.toString("latin1");
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + length));
  const { __metadata__: metadata, ...tensors } = header;
  const texts = Object.entries(metadata as Record<string, string>).map(([name, text]) => [
    name,
    /^[{[]/.test(text) ? withoutTimes(JSON.parse(text)) : text,
  ]);
  return JSON.stringify([texts, tensors]) + bytes.toString("latin1", 8 + length);
}

/** Steps and validations by number: one that was trained twice counts once, in its later form. */
function logOf(text: string): string {
  const last = new Map<string, unknown>();
  for (const line of text.trim().split("\n")) {
    const event = JSON.parse(line);
    if (["step", "validation", "epoch"].includes(event.type))
      last.set(`${event.type} ${event.step ?? event.epoch}`, withoutTimes(event));
  }
  return JSON.stringify([...last].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Leaves out the hashes of checkpoints in run.json and thresholds.json: checkpoints, whose metadata have the flags by which
 * a run was continued, are compared themselves.
 */
function withoutHashes(key: string, value: unknown): unknown {
  return extname(key) === ".safetensors" || key === "sha256" ? undefined : value;
}

const times = [
  ...["seconds", "secondsLeft", "imagesPerSecond", "waitedSeconds", "elapsed", "resume", "overwrite"],
];

function withoutTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => !times.includes(name));
  return Object.fromEntries(entries.map(([name, entry]) => [name, withoutTimes(entry)]));
}
