import { buildTorch } from "@csl/tfjs-backend-torch";
import type { Part } from "./part.js";

/** Compiles the torch engine's binding against the libtorch of this machine. */
export const bindingPart: Part = {
  name: "binding",
  share: 100,
  async run({ log }, signal) {
    const lines: string[] = [];
    const { path, version } = await buildTorch({
      log: (line) => {
        lines.push(line);
        log(line);
      },
      signal,
    });
    return { lines: [...lines, `libtorch ${version}: ${path}`], data: { version } };
  },
};
