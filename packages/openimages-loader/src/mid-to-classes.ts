import { openTorchFile } from "@csl/checkpoints";

/**
 * The reference authors' `mid_to_classes.pth`: class id → display name, from `torch.save` (zip or the older form) or
 * a bare pickle. Names are as they are stored; see `repairClassName`.
 *
 * @throws for a file that holds anything but a dictionary of texts. No Python object is ever built.
 */
export async function readMidToClasses(path: string): Promise<Map<string, string>> {
  try {
    const file = await openTorchFile(path);
    await file.close();
    const { value } = file;
    if (!(value instanceof Map)) throw new Error("expected a dictionary of texts, got another kind of value");
    const names = new Map<string, string>();
    for (const [id, name] of value) {
      if (typeof id !== "string" || typeof name !== "string")
        throw new Error(`expected texts, got ${shown(id)} → ${shown(name)}`);
      names.set(id, name);
    }
    return names;
  } catch (cause) {
    const reason = (cause as Error).message.replace(/^readTorchFile: /, "").replace(`${path}: `, "");
    if (reason.startsWith("expected a file at")) throw new Error(`readMidToClasses: ${reason}`, { cause });
    throw new Error(
      `readMidToClasses: ${path}: ${reason.replace(/\.$/, "")}. It is meant for a torch.save of {"/m/…": "name"}.`,
      { cause },
    );
  }
}

function shown(value: unknown): string {
  return typeof value === "string" || typeof value === "number"
    ? String(value).slice(0, 30)
    : "something else";
}
