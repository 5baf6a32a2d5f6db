// Publishes all packages to a registry on 127.0.0.1 and installs them from it into small outside projects, as a user
// would: what a user gets is what the registry serves, not the source.
//
//   node integrations/run.mjs [--skip-browser] [--only TEXT] [--keep]
//   node integrations/run.mjs --registry URL [--cache FOLDER]     what a registry on this machine has already
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import ts from "typescript";
import { pnpmCommand, root } from "../scripts/run.mjs";
import { promisedLines, readReadme } from "./readme.mjs";
import {
  installTools,
  publishedPackages,
  publishPackages,
  registryAt,
  startRegistry,
} from "./registry/registry.mjs";
import { tryRelease } from "./release.mjs";

const run = promisify(execFile);
const here = import.meta.dirname;

// All projects compute the same thing. With p = sigmoid(logit) and the default gammas 0, 1, 2, a positive adds -log p,
// a negative p * -log(1 - p), an un-annotated entry p^2 * -log(1 - p), except each sample's likeliest one (0.5 and 3).
// AP per class by hand: 1, 1/2 (its positive is ranked second) and 1.
const expected = [
  "loss 2.6983",
  "gradient -0.119 0.072 0.000 0.002 0.000 0.103 0.250 -0.818 -0.269",
  "mAP(C) 0.833 of 3 classes",
].join("\n");
const same = "295 numbers within 0.00001";
const inBrowser = [
  ...["cpu", "wasm", "webgl"].map((backend) => `backend ${backend}\n${expected}\n434 tensors`),
  ...["blob", "bytes", "bitmap", "image", "canvas", "samples", "address"].map(
    (form) => `${form}: Red 0.924, Green 0.378`,
  ),
  "text: CslError invalid-file",
  "disposed: CslError closed",
  "training on a page that is not isolated",
  `wasm on WebAssembly, 1 thread, as the page is not isolated from other origins (COOP and COEP): ${same}`,
  "training on a page that is isolated",
  ...["cpu", "wasm", "webgl", "webgpu"].map((engine) => `${engine}: ${same}`),
].join("\n");

/** A model whose classes are the channels of colour: a logit is 10 * mean - 5, a score is sigmoid(logit / 2). */
const colours = join(root, "packages/tagger/fixtures/colours.onnx");
const redPixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAADElEQVQImWP4z8AAAAMBAQCc479ZAAAAAElFTkSuQmCC";

const { values: flags } = parseArgs({
  options: {
    "skip-browser": { type: "boolean", default: false },
    only: { type: "string", default: "" },
    keep: { type: "boolean", default: false },
    registry: { type: "string" },
    cache: { type: "string", default: join(root, "node_modules/.cache/integrations") },
  },
});

const packages = publishedPackages(root);
const names = packages.map(({ name }) => name);
const readmes = packages.map(({ name, folder }) => ({
  name,
  ...readReadme(readFileSync(join(folder, "README.md"), "utf8")),
}));

/** Each project says what went wrong, or undefined; a text that begins with "skip" or "note" is printed and passes. */
const projects = [
  { name: "ESM and strict TypeScript", run: typescriptProject },
  { name: "CommonJS", run: requireProject },
  { name: "Vite and a browser: cpu, wasm, webgl, webgpu, onnxruntime", run: browserProject },
  { name: "tagger in Node", run: taggerProject },
  { name: "the command, installed globally", run: globalCommand },
  { name: "Yarn 1 installs every package", run: yarnProject },
  // It publishes by itself, from the packages as they are built here.
  ...(flags.registry
    ? []
    : [{ name: "a release has one version of everything", run: (folder) => tryRelease(folder, cache) }]),
  ...readmes.map((readme) => ({
    name: `README of ${readme.name}`,
    run: (folder) => tryReadme(folder, readme),
  })),
].filter(({ name }) => name.includes(flags.only));

const { cache } = flags;
const workshop = await mkdtemp(join(tmpdir(), "csl-integrations-"));
const counts = { passed: 0, failed: 0, skipped: 0 };
const examples = { run: 0, notRun: 0, commands: 0 };
let registry;
let installed;
try {
  if (flags.registry) {
    await installTools();
    registry = registryAt(flags.registry);
  } else {
    await build();
    registry = await startRegistry(join(cache, "registry"));
    await publishPackages(root, registry);
  }
  const queue = [...projects.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await report(...next);
  };
  await Promise.all(Array.from({ length: Math.max(2, Math.floor(availableParallelism() / 2)) }, worker));
} catch (error) {
  counts.failed++;
  console.log(`FAIL  building and publishing\n${reasonOf(error)}`);
} finally {
  await registry?.stop();
  if (flags.keep) console.log(`kept in ${workshop}`);
  else await rm(workshop, { recursive: true, force: true, maxRetries: 5 });
}
console.log(
  `README examples: ${examples.run} run, ${examples.notRun} marked as not to be run; ${examples.commands} commands run`,
);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 ? 0 : 1;

async function build() {
  const [pnpm, ...words] = pnpmCommand();
  await run(pnpm, [...words, "exec", "turbo", "run", "build", "--filter=./packages/*"], {
    cwd: root,
    maxBuffer: 1 << 28,
  });
}

async function report(position, { name, run: attempt }) {
  const start = Date.now();
  const folder = join(workshop, `project-${position}`);
  await mkdir(folder);
  let outcome;
  try {
    outcome = await attempt(folder);
  } catch (error) {
    outcome = reasonOf(error);
  }
  const seconds = `${((Date.now() - start) / 1000).toFixed(1)} s`;
  if (outcome?.startsWith("skip")) {
    counts.skipped++;
    console.log(`skip  ${name}: ${outcome.slice("skip ".length)}`);
  } else if (outcome === undefined || outcome.startsWith("note")) {
    counts.passed++;
    console.log(`pass  ${name} (${[outcome?.slice("note ".length), seconds].filter(Boolean).join(", ")})`);
  } else {
    counts.failed++;
    console.log(`FAIL  ${name} (${seconds})\n${outcome.replace(/^/gm, "      ")}`);
  }
  // Each has hundreds of megabytes of installed packages.
  if (!flags.keep) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** npm with this machine's cache of packages replaced by one of ours: what is published here changes under one version. */
function npm(folder, ...words) {
  const quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--cache", join(cache, "npm")];
  return run("npm", [...words, ...quiet], {
    cwd: folder,
    env: { ...process.env, ...registry.env },
    timeout: 300_000,
    maxBuffer: 1 << 28,
  });
}

/** Copies a project of this folder and installs what it names, and `more`. */
async function install(folder, project, more) {
  await cp(join(here, project), folder, {
    recursive: true,
    filter: (path) => !path.includes("node_modules"),
  });
  await npm(folder, "install", ...more);
}

function differing(printed, wanted = expected) {
  return printed === wanted ? undefined : `expected\n${wanted}\nbut it printed\n${printed}`;
}

/** One folder with every package, for the projects that import them all. */
function everything() {
  installed ??= (async () => {
    const folder = join(workshop, "everything");
    await mkdir(folder);
    await install(folder, "node", names);
    return folder;
  })();
  return installed;
}

/** Every package's types, checked with skipLibCheck off, and every example of a README in TypeScript. */
async function typescriptProject() {
  const folder = await everything();
  const imports = names.map((name, i) => `import * as p${i} from "${name}";`);
  const all = names.map((_, i) => `p${i}`).join(", ");
  await writeFile(
    join(folder, "all.ts"),
    `${imports.join("\n")}\nexport const all: object[] = [${all}];\nconsole.log(all.length);\n`,
  );
  let typed = 0;
  for (const { name, examples } of readmes)
    for (const { lang, line, code } of examples)
      if (lang === "ts") {
        // As a module of its own, whose variables are its own.
        const file = `readme-${name.slice("@csl/".length)}-${line}.ts`;
        await writeFile(join(folder, file), `${code}\nexport {};\n`);
        typed++;
      }
  const said = await run(process.execPath, ["node_modules/typescript/bin/tsc"], { cwd: folder }).catch(
    (error) => error,
  );
  // TensorFlow.js's declarations have errors of their own.
  const errors = said.stdout
    .split("\n")
    .filter((line) => /error TS/.test(line) && !/^node_modules\/@tensorflow\//.test(line));
  if (errors.length > 0) return errors.join("\n");
  const loaded = await run(process.execPath, ["all.js"], { cwd: folder, timeout: 120_000 });
  if (loaded.stdout.trim() !== String(names.length))
    return `expected every package to load, got\n${loaded.stdout}${loaded.stderr}`;
  return (
    (await differingOf(folder, "main.js")) ?? `note types of ${names.length} packages and ${typed} examples`
  );
}

async function requireProject() {
  return await differingOf(await everything(), "main.cjs");
}

async function differingOf(folder, program) {
  return differing((await run(process.execPath, [program], { cwd: folder, timeout: 120_000 })).stdout.trim());
}

async function browserProject(folder) {
  if (flags["skip-browser"]) return "skip no browser asked for";
  await install(folder, "vite-browser", [
    ...["@csl/partial-loss", "@csl/metrics", "@csl/tresnet", "@csl/engine", "@csl/tagger"],
  ]);
  await cp(colours, join(folder, "public/model.onnx"));
  const { stdout } = await run("npm", ["test", "--silent"], { cwd: folder, timeout: 900_000 });
  return differing(stdout.trim(), inBrowser);
}

/** The first example of the tagger's README, as it stands there, with a model and a photograph. */
async function taggerProject(folder) {
  const {
    examples: [first],
  } = readmes.find(({ name }) => name === "@csl/tagger");
  await npm(folder, "install", "--ignore-scripts", ...first.install);
  await cp(colours, join(folder, "model.onnx"));
  // PNG, whatever its name says.
  await writeFile(join(folder, "photo.jpg"), Buffer.from(redPixel, "base64"));
  return tryExample(folder, { ...first, code: `${first.code}\n// prints: Red 0.92` });
}

async function globalCommand(folder) {
  const command = packages.find(({ manifest }) => manifest.bin?.csl !== undefined);
  const prefix = join(folder, "prefix");
  await npm(folder, "install", "--global", "--prefix", prefix, command.name);
  const csl = async (...words) => (await run(join(prefix, "bin/csl"), words, { cwd: folder })).stdout;
  if (!(await csl("--help")).includes("train")) return "csl --help does not name csl train";
  await writeFile(
    join(folder, "labels.csv"),
    "path,positives,negatives,split\na.jpg,cat;dog,,train\nb.jpg,cat,*,val\n",
  );
  const said = await csl("diagnose", "--data", "labels.csv");
  return /2 classes/.test(said) ? undefined : `csl diagnose: expected 2 classes, got\n${said}`;
}

/** Yarn 1 refuses what asks for a newer Node, also deep down. */
async function yarnProject(folder) {
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({ name: "project", version: "1.0.0", license: "MIT" }),
  );
  await writeFile(join(folder, ".npmrc"), `registry=${registry.url}\n`);
  const yarn = join(here, "registry/node_modules/yarn/bin/yarn.js");
  const words = ["--non-interactive", "--no-lockfile", "--silent", "--cache-folder", join(folder, ".cache")];
  await run(process.execPath, [yarn, "add", ...words, ...names], {
    cwd: folder,
    env: { ...process.env, ...registry.env },
    timeout: 300_000,
    maxBuffer: 1 << 28,
  });
  return `note ${names.length} packages on Node ${process.versions.node}`;
}

/** Types a README's examples into an empty folder that has what the README says to install. */
async function tryReadme(folder, { examples: all, commands }) {
  const wanted = all.filter(({ why }) => why === undefined);
  const typed = commands.filter((one) => one.run);
  const count = (list) => list.reduce((sum, { blocks }) => sum + blocks, 0);
  examples.notRun += count(all) - count(wanted);
  if (wanted.length + typed.length === 0) return "expected an example that runs, found none";
  if ([...wanted, ...typed].some(({ install }) => install === undefined))
    return "expected a line `npm install …` above the first example, found none";
  const problems = [];
  const folders = new Map();
  for (const example of [...wanted, ...typed]) {
    const packages = example.install.join(" ");
    if (!folders.has(packages)) {
      const project = join(folder, String(folders.size));
      await mkdir(project);
      const global = example.install.includes("-g") ? ["--prefix", join(project, "prefix")] : [];
      await npm(project, "install", ...example.install, ...global);
      folders.set(packages, project);
    }
    if (example.needsTorch && !(await torchIsHere(folders.get(packages)))) {
      examples.notRun += example.blocks;
      examples.run -= example.blocks;
      continue;
    }
    const problem = await (example.command ? tryCommand : tryExample)(folders.get(packages), example);
    if (problem !== undefined) problems.push(`line ${example.line}: ${problem}`);
  }
  examples.run += count(wanted);
  examples.commands += typed.length;
  if (problems.length > 0) return problems.join("\n");
  return `note ${count(wanted)} of ${count(all)} examples${typed.length > 0 ? ` and ${typed.length} commands` : ""}`;
}

async function torchIsHere(folder) {
  const probe =
    'import { probeTorch } from "@csl/tfjs-backend-torch"; console.log((await probeTorch()).available);';
  return (
    (await run(process.execPath, ["--input-type=module", "--eval", probe], { cwd: folder })).stdout.trim() ===
    "true"
  );
}

async function tryExample(folder, { line, code, blocks }) {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  const file = join(folder, `example-${line}.mjs`);
  await writeFile(file, outputText);
  let printed;
  try {
    // The torch backend compiles its binding at the first start.
    printed = (await run(process.execPath, [file], { cwd: folder, timeout: 600_000 })).stdout;
  } catch (error) {
    return reasonOf(error);
  }
  const wanted = promisedLines(code);
  if (wanted.length === 0) return undefined;
  const got = printed
    .trim()
    .split("\n")
    .map((one) => one.trim());
  // Of several blocks that run as one, some do not say what they print.
  const rest = got[Symbol.iterator]();
  const ordered = wanted.every((one) => includesNext(rest, one));
  return blocks > 1 && ordered ? undefined : differing(got.join("\n"), wanted.join("\n"));
}

/** Whether a line is among those that an iterator has left, which it then passes. */
function includesNext(lines, wanted) {
  for (let next = lines.next(); !next.done; next = lines.next()) if (next.value === wanted) return true;
  return false;
}

async function tryCommand(folder, { command }) {
  try {
    const env = { ...process.env, PATH: `${join(folder, "prefix/bin")}:${process.env.PATH}` };
    await run("sh", ["-c", command], { cwd: folder, env, timeout: 600_000, maxBuffer: 1 << 28 });
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

function reasonOf(error) {
  // A failed command's message ends with what it wrote to stderr.
  const text = [error.stdout, error.message].filter(Boolean).join("\n").trim() || String(error);
  const lines = text.split("\n").filter((line) => !/^\s+at |^Node\.js v|^\s*$/.test(line));
  return lines.slice(0, 25).join("\n");
}
