import { isWeightsName } from "@csl/download";
import { CslError } from "@csl/internal/errors/csl-error";
import { installCommand } from "@csl/internal/processes/install-command";

/** The weights that @csl/scenes holds, by the name that `--model-path` takes. */
export const scenesBody = "tresnet_tiny.scenes";

/** Whether `--model-path` names weights rather than a file: a known name, `hf:…` or an address. */
export function isModelName(text: string): boolean {
  return text === scenesBody || isWeightsName(text);
}

/**
 * The drawings are 100 MB that training on own images does not need: a package that is installed when wanted.
 *
 * @param speaker the command, as errors begin: `csl scenes`.
 * @param use what it needs the package for: `its drawings`.
 */
export async function loadScenes(speaker: string, use: string): Promise<typeof import("@csl/scenes")> {
  try {
    return await import("@csl/scenes");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new CslError(
      "unsupported",
      `${speaker}: expected the package @csl/scenes with ${use} (100 MB), which is not installed. ` +
        `To get it: ${installCommand("@csl/scenes", import.meta.url)}.`,
      { cause },
    );
  }
}
