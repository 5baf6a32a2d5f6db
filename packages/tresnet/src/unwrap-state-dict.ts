/** A state-dict without what wrappers put around it. */
export interface UnwrappedStateDict<T> {
  /** The network's tensors by their own keys: all begin with `body.` or `head.`. */
  state: Map<string, T>;
  /** What was before each of these keys: "module.", "model.", "ema_model.module.", or nothing. */
  prefix: string;
  /** The other keys, as they were: a criterion, the counter of an average, a second copy of the network. */
  beside: string[];
}

/** How a file names the network's parts. */
interface Form {
  /** The stem's filter. */
  stem: string;
  /** The first filter of the first block: only a TResNet has one of this name beside that stem. */
  block: string;
  /** What its keys begin with, and the network's own name for that. */
  parts: readonly (readonly [file: string, own: string])[];
}

const whole = forms([
  ["body.", "body."],
  ["head.", "head."],
]);

/**
 * What is saved of `model.body` alone: its own names, or numbers where its parts were put into a `torch.nn.Sequential`
 * (number 0 is the space-to-depth, which has no tensors).
 */
const bodyAlone = [
  ...forms(
    ["conv1.", "layer1.", "layer2.", "layer3.", "layer4."].map((part) => [part, `body.${part}`] as const),
  ),
  ...forms([
    ["1.", "body.conv1."],
    ...[1, 2, 3, 4].map((stage) => [`${stage + 1}.`, `body.layer${stage}.`] as const),
  ]),
];

/** In the reference's names within a block and in timm's. */
function forms(parts: Form["parts"]): Form[] {
  const named = (own: string): string => {
    const [file, start] = parts.find(([, name]) => own.startsWith(name))!;
    return file + own.slice(start.length);
  };
  return ["0.weight", "conv.weight"].map((end) => ({
    stem: named(`body.conv1.${end}`),
    block: named(`body.layer1.0.conv1.${end}`),
    parts,
  }));
}

/** Wrappers within a network: torch.compile, FSDP, activation checkpointing and DistributedDataParallel of single blocks. */
const innerWrappers =
  /(^|\.)(?:(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module|_forward_module|module)\.)+/g;

/**
 * Takes the network out of a training program's state-dict. The prefix is what is before the stem's filter, whatever it
 * is called. Of several copies the averaged one is taken (its prefix has "ema", "averag" or "swa" in it), else the one
 * with the shortest prefix. A file of the body alone gives the keys of the body.
 */
export function unwrapStateDict<T>(given: ReadonlyMap<string, T>): UnwrappedStateDict<T> {
  const all = findNetworks(given, whole);
  const networks = all.length > 0 ? all : findNetworks(given, bodyAlone);
  const averaged = networks.filter(({ prefix }) => /ema|averag|swa/i.test(prefix));
  const [found] = (averaged.length > 0 ? averaged : networks).sort(
    (a, b) => a.prefix.length - b.prefix.length,
  );
  const prefix = found?.prefix ?? commonWrapper(given);
  const state = new Map<string, T>();
  const beside: string[] = [];
  for (const [key, value] of given) {
    const inFile = key.startsWith(prefix) ? key.slice(prefix.length).replace(innerWrappers, "$1") : "";
    const own = found ? ownName(inFile, found.form) : inFile;
    // Without a stem it is no TResNet: everything stays, for the messages about it.
    if (own !== "") state.set(own, value);
    else beside.push(key);
  }
  return { state, prefix, beside };
}

/** Where in the keys a network of one of these forms is. */
function findNetworks(
  given: ReadonlyMap<string, unknown>,
  candidates: readonly Form[],
): { prefix: string; form: Form }[] {
  const plainKeys = new Map([...given.keys()].map((key) => [key.replace(innerWrappers, "$1"), key]));
  return [...plainKeys].flatMap(([plain, key]) =>
    candidates
      .filter(({ stem, block, parts }) => {
        if (plain !== stem && !plain.endsWith(`.${stem}`)) return false;
        // A body is told from another network by a block; of a damaged whole network the messages name what lacks.
        return parts === whole[0]!.parts || plainKeys.has(plain.slice(0, -stem.length) + block);
      })
      .map((form) => ({ prefix: prefixOf(key, form), form })),
  );
}

/** What is before the part that holds the stem; a wrapper may be within that part. */
function prefixOf(key: string, { stem, parts }: Form): string {
  return key.slice(0, key.endsWith(stem) ? -stem.length : key.lastIndexOf(parts[0]![0]));
}

function ownName(inFile: string, { parts }: Form): string {
  const [file, own] = parts.find(([name]) => inFile.startsWith(name)) ?? ["", ""];
  return file === "" ? "" : own + inFile.slice(file.length);
}

function commonWrapper(given: ReadonlyMap<string, unknown>): string {
  return given.size > 0 && [...given.keys()].every((key) => key.startsWith("module.")) ? "module." : "";
}
