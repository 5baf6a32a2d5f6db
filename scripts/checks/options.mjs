// Every function of a published package that takes an object of options refuses a name that it does not know. The
// functions are found by the TypeScript checker: exported functions, constructors, static and other methods. Each is
// called with undefined for its other arguments and `{ notAnOption: 1 }`, and must throw (or reject, or reject the
// first next()) a CslError "unknown-option". The same for options that hold options: `{ gamma: { notAnOption: 1 } }`.
//
//   node --conditions=@csl/source --import tsx scripts/checks/options.mjs [--list]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import ts from "typescript";
import { isTest, publicSurfaces } from "./repository.mjs";

const { values: flags } = parseArgs({ options: { list: { type: "boolean", default: false } } });

/** What looks like a function with options and is none: "package function" and the reason. */
const exclusions = {
  "@csl/labels recommendMode": "counts, not options",
  "@csl/labels new LabelTable": "the arrays of the table, not options",
  "@csl/image-batches FileRanges.prototype.read": "a range, not options",
  "@csl/image-batches folderImages": "a list of file names, not options",
  "@csl/tfjs-backend-torch TorchBackend.prototype.handleOf": "a tensor, not options",
  "@csl/tfjs-backend-torch TorchBackend.prototype.numericOf": "a tensor, not options",
  "@csl/partial-loss unannotatedWeights": "a policy, whose own factory has checked its options",
  "@csl/partial-loss ClassPriorEstimator.resume": "a prior, as read from a file",
  "@csl/partial-loss stringifyPrior": "a prior, not options",
  "@csl/coco-simulation saveSimulation": "a simulation, not options",
  "@csl/datasets splitCustomLabels": "labels that were read, not options",
  "@csl/datasets splitOverlap": "a split, not options",
  "@csl/lvis-loader classFrequencyGroups": "labels that were read, not options",
  "@csl/openimages-loader formatLabelReport": "a report, not options",
  "@csl/openimages-loader formatOpenImagesReport": "a report, not options",
  "@csl/engine formatMeasurement": "a measurement, not options",
};

/** Some functions that must be found: else the search for them is broken, and the check checks nothing. */
const known = [
  "@csl/partial-loss partialLoss",
  "@csl/partial-loss selective",
  "@csl/partial-loss asymmetricLoss",
  "@csl/partial-loss partialLoss: gamma",
  "@csl/image-batches decodeImage",
  "@csl/engine startEngine",
  "@csl/trainer createAdam",
  "@csl/trainer train",
];
const atLeast = 80;

const { checker, packages } = publicSurfaces();
const found = packages.flatMap(({ name, folder, exports }) =>
  exports
    .filter(({ typeOnly }) => !typeOnly)
    .flatMap((exported) =>
      functionsWithOptions(exported).map((target) => ({
        ...target,
        name,
        folder,
        ...exported,
        label: `${name} ${target.label}`,
      })),
    ),
);
for (const label of known)
  if (!found.some((target) => target.label === label)) throw new Error(`options: expected to find ${label}`);
if (found.length < atLeast)
  throw new Error(`options: expected at least ${atLeast} functions, found ${found.length}`);
const stale = Object.keys(exclusions).filter((label) => !found.some((target) => target.label === label));

let passed = 0;
let failed = 0;
let excluded = 0;
// Whatever does not refuse may go to work.
const folder = mkdtempSync(join(tmpdir(), "csl-options-"));
process.chdir(folder);
for (const target of found) {
  if (flags.list)
    console.log(`${target.label}(${", ".repeat(target.position)}${target.parameter}): ${target.why}`);
  if (exclusions[target.label]) {
    excluded++;
    continue;
  }
  const problem = await problemOf(target);
  if (problem === undefined) passed++;
  else {
    failed++;
    console.log(`${target.folder}: ${target.label.split(" ").slice(1).join(" ")} ${problem}`);
  }
}
process.chdir("/");
rmSync(folder, { recursive: true, force: true });
for (const label of stale) console.log(`note: the exclusion of ${label} excludes nothing`);
console.log(`${excluded} functions excluded, with a reason each`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

/** What is wrong with how a function takes an unknown option, or undefined. */
async function problemOf({ entry, symbolName, path, kind, position, nested }) {
  const module = await import(pathToFileURL(entry).href);
  const owner = path.slice(0, -1).reduce((value, key) => value[key], module[symbolName]);
  const target = path.length === 0 ? module[symbolName] : owner[path.at(-1)];
  if (typeof target !== "function") return "is no function at run time";
  const wrong = { notAnOption: 1 };
  const words = [...Array(position).fill(undefined), nested === undefined ? wrong : { [nested]: wrong }];
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve("goes to work: no answer within 5 s"), 5000);
  });
  const outcome = (async () => {
    try {
      const self = path.includes("prototype") ? Object.create(owner) : owner;
      const value = await (kind === "new" ? new target(...words) : target.apply(self, words));
      await (value?.[Symbol.asyncIterator]?.() ?? value?.[Symbol.iterator]?.())?.next?.();
      return "takes it without a word";
    } catch (error) {
      if (error?.name === "CslError" && error.code === "unknown-option") return undefined;
      return `answers with another error: ${error?.code ?? ""} ${String(error?.message ?? error).slice(0, 120)}`;
    }
  })();
  const answer = await Promise.race([outcome, late]);
  clearTimeout(timer);
  return answer;
}

function functionsWithOptions({ name, symbol }) {
  const type = checker.getTypeOfSymbol(symbol);
  const own = type
    .getCallSignatures()
    .map((signature) => ({ label: name, path: [], kind: "call", signature }));
  const constructors = type.getConstructSignatures();
  const made = constructors.map((signature) => ({ label: `new ${name}`, path: [], kind: "new", signature }));
  const members = [];
  if (own.length === 0)
    for (const member of type.getProperties())
      if (member.name !== "prototype" && isOurs(member))
        for (const signature of checker.getTypeOfSymbol(member).getCallSignatures())
          members.push({ label: `${name}.${member.name}`, path: [member.name], kind: "call", signature });
  const instance = constructors[0]?.getReturnType();
  for (const member of instance?.getProperties() ?? [])
    if (isOurs(member) && !isPrivate(member))
      for (const signature of checker.getTypeOfSymbol(member).getCallSignatures())
        members.push({
          label: `${name}.prototype.${member.name}`,
          path: ["prototype", member.name],
          kind: "call",
          signature,
        });
  const seen = new Set();
  return [...own, ...made, ...members].flatMap((item) => {
    const parameters = item.signature.getParameters();
    const last = parameters.at(-1);
    if (!last) return [];
    const why = optionsOf(last);
    const key = `${item.label} ${parameters.length}`;
    if (!why || seen.has(key)) return [];
    seen.add(key);
    const position = parameters.length - 1;
    const nested = optionsWithin(last).map((option) => ({
      ...item,
      label: `${item.label}: ${option}`,
      nested: option,
    }));
    return [item, ...nested].map((one) => ({
      ...one,
      symbolName: name,
      position,
      why,
      parameter: last.name.startsWith("__") ? "{…}" : last.name,
    }));
  });
}

function isOurs(member) {
  return member.declarations?.some((declaration) => {
    const { fileName } = declaration.getSourceFile();
    return !fileName.includes("/node_modules/") && !isTest(fileName);
  });
}

function isPrivate(member) {
  return member.declarations?.some(
    (declaration) =>
      ts.getCombinedModifierFlags(declaration) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected) ||
      (declaration.name && ts.isPrivateIdentifier(declaration.name)),
  );
}

/** Why a parameter is an object of options, or undefined when it is something else. */
function optionsOf(parameter) {
  const declaration = parameter.valueDeclaration;
  if (declaration?.dotDotDotToken) return undefined;
  const objects = alternativesOf(parameter);
  if (objects.length === 0) return undefined;
  if (/options$/i.test(parameter.name)) return "its name";
  const names = objects.map((one) => (one.aliasSymbol ?? one.symbol)?.name ?? "");
  if (names.some((name) => /(Options|Settings|Config)$/.test(name))) return "the name of its type";
  if (objects.some(isWeak)) return "optional properties only";
  if (declaration && ts.isParameter(declaration) && ts.isObjectBindingPattern(declaration.name))
    return "destructured";
  if (objects.some((one) => one.symbol?.name === "__type")) return "a type of its own";
  if (objects.some((one) => one.getProperties().some(isOptional))) return "some optional properties";
  return undefined;
}

/** The options of a parameter that are objects of options themselves. */
function optionsWithin(parameter) {
  const type = checker.getNonNullableType(checker.getTypeOfSymbol(parameter));
  return type
    .getProperties()
    .filter((property) => alternativesOf(property).some(isWeak))
    .map((property) => property.name);
}

function alternativesOf(symbol) {
  const type = checker.getNonNullableType(checker.getTypeOfSymbol(symbol));
  return (type.isUnion() ? type.types : [type]).filter((one) => isPlainObject(one));
}

/** Whether all properties of a type may be left out. */
function isWeak(type) {
  const properties = type.getProperties();
  return properties.length > 0 && properties.every(isOptional);
}

function isOptional(property) {
  return (property.flags & ts.SymbolFlags.Optional) !== 0;
}

/** An object type that is written in this repository and is no function, class, list or map. */
function isPlainObject(type) {
  if ((type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) === 0) return false;
  if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0) return false;
  if (checker.isArrayLikeType(type)) return false;
  if (type.flags & ts.TypeFlags.Intersection) return type.types.every(isPlainObject);
  if (type.getStringIndexType() || type.getNumberIndexType()) return false;
  if (!type.symbol || type.symbol.flags & ts.SymbolFlags.Class) return false;
  // Of a mapped type such as Partial<…>, the properties are ours.
  return type.objectFlags & ts.ObjectFlags.Mapped ? type.getProperties().some(isOurs) : isOurs(type.symbol);
}
