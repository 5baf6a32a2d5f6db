// What every published package's package.json must say, and that the changesets release all of them as one family.
//
//   node scripts/checks/manifests.mjs
import { filesMatching } from "./repository.mjs";

// The drawings and panoramas that @csl/scenes draws with: another version of one would draw other images from a seed.
const content = /^@(iconify-json|lobehub|pmndrs)\//;

// Which of ours a package may depend on. Data flow in one direction: from label files to the command.
const mayUse = {
  labels: [],
  "partial-loss": [],
  metrics: [],
  tresnet: [],
  "coco-simulation": ["labels"],
  // OpenImages names its processed classes in a .pth file.
  "openimages-loader": ["labels", "checkpoints"],
  "lvis-loader": ["labels"],
  "image-batches": ["labels"],
  scenes: ["labels"],
  datasets: ["labels", "coco-simulation", "openimages-loader", "lvis-loader", "image-batches"],
  download: [],
  checkpoints: [],
  engine: [],
  "tfjs-backend-torch": [],
  export: ["tresnet"],
  tagger: ["image-batches"],
  trainer: ["labels", "metrics", "partial-loss", "checkpoints"],
};

const problems = [];
const packages = filesMatching(/^packages\/[^/]+\/package\.json$/)
  .map(([path, text]) => [path, JSON.parse(text)])
  .filter(([, manifest]) => manifest.private !== true);
const catalog = filesMatching(/^pnpm-workspace\.yaml$/)[0][1];
const versions = new Set(packages.map(([, { version }]) => version));
if (versions.size !== 1) problems.push(`one version for all packages, got ${[...versions].join(", ")}`);

for (const [path, manifest] of packages) {
  const expect = (holds, what) => holds || problems.push(`${path}: expected ${what}`);
  expect(manifest.description?.endsWith("."), "a description, as a sentence");
  expect(manifest.keywords?.length >= 3, "at least 3 keywords");
  expect(manifest.license === "MIT", "the license MIT");
  expect(manifest.engines?.node === ">=20.19", "engines.node >=20.19");
  expect(manifest.publishConfig?.access === "public", "publishConfig.access public");
  for (const file of ["README.md", "CHANGELOG.md", "LICENSE"])
    expect(manifest.files.includes(file), `${file} in files`);
  expect(
    manifest.scripts.prepublishOnly === "node ../../scripts/release/prepublish.mjs",
    "the script prepublishOnly of the others",
  );
  const allowed = mayUse[manifest.name.slice("@csl/".length)];
  // The command puts all of them together.
  for (const name of Object.keys(manifest.dependencies ?? {}).filter((one) => one.startsWith("@csl/")))
    expect(manifest.bin || allowed?.includes(name.slice("@csl/".length)), `no dependency on ${name}`);
  // A range that the next minor release leaves would make changesets release all packages as a major one.
  for (const [name, range] of Object.entries(manifest.peerDependencies ?? {}))
    expect(
      !name.startsWith("@csl/") || range === ">=0.0.0 <1",
      `">=0.0.0 <1" for the peer ${name}, got "${range}"`,
    );
  for (const [name, range] of Object.entries({
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
  })) {
    const published = range === "catalog:" ? ofCatalog(name) : range;
    if (name.startsWith("@csl/"))
      expect(range === "workspace:^", `"workspace:^" for ${name}, got "${range}"`);
    else if (content.test(name))
      expect(/^\d/.test(published), `an exact version of ${name}, got ${published}`);
    else expect(published.startsWith("^"), `a range for ${name} ("^${published}"), got "${published}"`);
  }
}
const [, config] = filesMatching(/^\.changeset\/config\.json$/)[0];
if (JSON.stringify(JSON.parse(config).fixed) !== '[["@csl/*"]]')
  problems.push('.changeset/config.json: expected fixed to be [["@csl/*"]]');
const names = new Set(packages.map(([, { name }]) => name));
const { entryPoints } = JSON.parse(filesMatching(/^typedoc\.json$/)[0][1]);
const folders = packages.map(([path]) => path.replace("/package.json", ""));
if (JSON.stringify([...entryPoints].sort()) !== JSON.stringify(folders.sort()))
  problems.push(`typedoc.json: expected entryPoints to be ${folders.join(", ")}`);
for (const [path, text] of filesMatching(/^\.changeset\/.*\.md$/))
  for (const [, name] of text.split("---")[1].matchAll(/"(.+)":/g))
    if (!names.has(name)) problems.push(`${path}: there is no package ${name}`);

for (const problem of problems) console.log(problem);
if (packages.length < 10) throw new Error(`manifests: expected the packages, found ${packages.length}`);
console.log(`${packages.length} packages, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

function ofCatalog(name) {
  const line = catalog.split("\n").find((one) =>
    one
      .trim()
      .replace(/^"|"(?=:)/g, "")
      .startsWith(`${name}: `),
  );
  return line?.split(": ")[1] ?? "nothing in the catalog";
}
