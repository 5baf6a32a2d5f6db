/** @returns what is wrong with a published package.json, given the paths of the package's files. */
export function checkManifest(manifest, paths, { version }) {
  const problems = [];
  if (manifest.version !== version) problems.push(`expected version ${version}, got ${manifest.version}`);
  if (manifest.license !== "MIT") problems.push(`expected the license MIT, got ${manifest.license}`);
  for (const kind of ["dependencies", "peerDependencies", "optionalDependencies"])
    for (const [name, range] of Object.entries(manifest[kind] ?? {})) {
      if (/^(workspace|catalog|link|file):/.test(range)) problems.push(`${kind}: ${name} is "${range}"`);
      if (name === "@csl/internal") problems.push(`${kind}: ${name} is not published`);
      if (kind === "dependencies" && name.startsWith("@csl/") && range !== `^${version}`)
        problems.push(`expected ^${version} of ${name}, got "${range}"`);
    }
  const lifecycle = ["preinstall", "install", "postinstall", "prepare", "prepublishOnly"];
  for (const script of lifecycle) if (manifest.scripts?.[script]) problems.push(`has the script ${script}`);
  for (const [place, target] of targetsOf(manifest.exports, "exports")) {
    if (place.includes("@csl/source")) problems.push(`${place} is for this repository only`);
    const pattern = target.replace(/^\.\//, "").split("*");
    const exists = [...paths].some((path) => path.startsWith(pattern[0]) && path.endsWith(pattern.at(-1)));
    if (!exists) problems.push(`${place} names ${target}, which is missing`);
  }
  if (!manifest.exports) problems.push("expected exports");
  for (const [name, target] of Object.entries(manifest.bin ?? {}))
    if (!paths.has(target.replace(/^\.\//, "")))
      problems.push(`bin ${name} names ${target}, which is missing`);
  return problems;
}

/** The files that a tree of exports names, each with the way to it. */
function* targetsOf(tree, place) {
  if (typeof tree === "string") yield [place, tree];
  else for (const [key, value] of Object.entries(tree ?? {})) yield* targetsOf(value, `${place} ${key}`);
}
