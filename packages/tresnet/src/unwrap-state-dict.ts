/** A state-dict without what wrappers put around it. */
export interface UnwrappedStateDict<T> {
  /** The network's tensors by their own keys: all begin with `body.` or `head.`. */
  state: Map<string, T>;
  /** What was before each of these keys: "module.", "model.", "ema_model.module.", or nothing. */
  prefix: string;
  /** The other keys, as they were: a criterion, the counter of an average, a second copy of the network. */
  beside: string[];
}

/** The stem's filter in the reference's names and in timm's: only a TResNet has it, and every TResNet does. */
const stems = ["body.conv1.0.weight", "body.conv1.conv.weight"];

/** Wrappers within a network: torch.compile, FSDP, activation checkpointing and DistributedDataParallel of single blocks. */
const innerWrappers =
  /(^|\.)(?:(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module|_forward_module|module)\.)+/g;

/**
 * Takes the network out of a training program's state-dict. The prefix is what is before the stem's filter, whatever it
 * is called. Of several copies the averaged one is taken (its prefix has "ema", "averag" or "swa" in it), else the one
 * with the shortest prefix.
 */
export function unwrapStateDict<T>(given: ReadonlyMap<string, T>): UnwrappedStateDict<T> {
  const prefixes = [...given.keys()].flatMap((key) => {
    const plain = key.replace(innerWrappers, "$1");
    const stem = stems.find((name) => plain === name || plain.endsWith(`.${name}`));
    return stem === undefined ? [] : [key.slice(0, prefixLength(key))];
  });
  const averaged = prefixes.filter((prefix) => /ema|averag|swa/i.test(prefix));
  const [prefix = commonWrapper(given)] = (averaged.length > 0 ? averaged : prefixes).sort(
    (a, b) => a.length - b.length,
  );
  const state = new Map<string, T>();
  const beside: string[] = [];
  for (const [key, value] of given) {
    const own = key.startsWith(prefix) ? key.slice(prefix.length).replace(innerWrappers, "$1") : "";
    // Without a stem it is no TResNet: everything stays, for the messages about it.
    if (/^(body|head)\./.test(own) || (prefixes.length === 0 && own !== "")) state.set(own, value);
    else beside.push(key);
  }
  return { state, prefix, beside };
}

/** Up to the module `body` that holds the stem. */
function prefixLength(key: string): number {
  return key.lastIndexOf("body.");
}

function commonWrapper(given: ReadonlyMap<string, unknown>): string {
  return given.size > 0 && [...given.keys()].every((key) => key.startsWith("module.")) ? "module." : "";
}
