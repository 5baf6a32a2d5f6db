import { openTorchFile } from "@csl/checkpoints";
import { CslError, isCslError } from "@csl/internal/errors/csl-error";

/**
 * The reference authors' `mid_to_classes.pth`: class id → display name, from `torch.save` (zip or the older form) or
 * a bare pickle. Names are as they are stored; see `repairClassName`.
 *
 * @throws CslError `not-found`; `invalid-file` for a file that holds anything but a dictionary of texts. No Python object
 *   is ever built.
 */
export async function readMidToClasses(path: string): Promise<Map<string, string>> {
  const file = await openTorchFile(path).catch((cause: unknown) => {
    const code = isCslError(cause, "not-found") ? cause.code : "invalid-file";
    throw new CslError(code, `readMidToClasses: ${(cause as Error).message}`, { cause });
  });
  await file.close();
  const wrong = (what: string): CslError =>
    new CslError(
      "invalid-file",
      `readMidToClasses: ${path}: ${what}. It is meant for a torch.save of {"/m/…": "name"}.`,
    );
  if (!(file.value instanceof Map)) throw wrong("expected a dictionary of texts, got another kind of value");
  const names = new Map<string, string>();
  for (const [id, name] of file.value) {
    if (typeof id !== "string" || typeof name !== "string")
      throw wrong(`expected texts, got ${describe(id)} → ${describe(name)}`);
    names.set(id, name);
  }
  return names;
}

function describe(value: unknown): string {
  return typeof value === "string" || typeof value === "number"
    ? String(value).slice(0, 30)
    : "something else";
}

/** A display name without the stray quotes and blanks that a careless split on commas leaves. For display only. */
export function repairClassName(name: string): string {
  const trimmed = name.trim();
  const wrapped = /^"(.*)"$/s.exec(trimmed);
  if (wrapped) return wrapped[1]!.replaceAll('""', '"').trim();
  // One half of a name that was cut in two.
  const quotes = trimmed.split('"').length - 1;
  return (quotes % 2 === 1 ? trimmed.replace(/^"|"$/, "") : trimmed).trim();
}
