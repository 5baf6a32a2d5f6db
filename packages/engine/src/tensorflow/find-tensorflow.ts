import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { pythonPackageQuestion } from "@csl/internal/processes/python-package";
import { runProgram } from "@csl/internal/processes/run-program";

const libraries = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];
const headers = ["tensorflow/c/c_api.h", "tensorflow/c/eager/c_api.h"];

/** How to get a wheel: without a GPU, and with one. */
const wheels = {
  cpu: { install: "--no-deps tensorflow-cpu", why: "--no-deps is enough: only its libraries are used" },
  gpu: {
    install: "'tensorflow[and-cuda]'",
    why: "with CUDA 12 and cuDNN 9 on the machine, --no-deps tensorflow is enough",
  },
} as const;

const pipCommands = ({ install, why }: { install: string; why: string }): string =>
  `python3 -m venv ~/tensorflow && ~/tensorflow/bin/pip install ${install} (${why}), then name ~/tensorflow/bin/python`;

/**
 * The `tensorflow` folder of an installed TensorFlow wheel: given, or asked from a Python, which is not made to import it.
 *
 * @param options.gpu whether it has to be one that was built with CUDA
 * @throws naming what is missing (Python, the wheel, its headers or libraries) and the command that installs it.
 */
export async function findTensorflow({
  python,
  tensorflow,
  gpu = false,
}: {
  python?: string | undefined;
  tensorflow?: string | undefined;
  gpu?: boolean | undefined;
}): Promise<string> {
  const way = `To have one: ${pipCommands(gpu ? wheels.gpu : wheels.cpu)}.`;
  const folder = tensorflow
    ? resolve(tensorflow)
    : await askPython(python ? [python] : ["python3", "python"], way);
  const missing = [
    ...headers.map((name) => join("include", name)).filter((path) => !existsSync(join(folder, path))),
    ...libraries.filter((name) => !existsSync(join(folder, name))),
  ];
  if (missing.length > 0) {
    throw new CslError(
      "not-found",
      `buildTensorflow: expected the folder of a TensorFlow wheel, got ${folder} without ${missing[0]}. ${way}`,
    );
  }
  if (gpu && isWithoutCuda(folder)) {
    throw new CslError(
      "not-found",
      `buildTensorflow: expected a TensorFlow that was built with CUDA, got the one in ${folder}, which computes on the ` +
        `CPU only (so do tensorflow-cpu, and tensorflow itself on ARM). ${way}`,
    );
  }
  return folder;
}

/** Whether the wheel says of itself that it has no CUDA. One that does not say anything may have it. */
function isWithoutCuda(folder: string): boolean {
  const path = join(folder, "python", "platform", "build_info.py");
  return existsSync(path) && /['"]is_cuda_build['"]\s*[:,]\s*False/.test(readFileSync(path, "utf8"));
}

async function askPython(candidates: readonly string[], way: string): Promise<string> {
  for (const python of candidates) {
    const { code, stdout, stderr } = await runProgram(python, pythonPackageQuestion("tensorflow"));
    if (code === undefined) continue;
    const folder = stdout.trim();
    if (code === 0 && folder !== "") return folder;
    const why = code === 0 ? "it has no TensorFlow" : `it failed: ${stderr.trim().split("\n").at(-1)}`;
    throw new CslError(
      "not-found",
      `buildTensorflow: expected ${python} to have a TensorFlow wheel, but ${why}. ${way}`,
    );
  }
  throw new CslError(
    "not-found",
    `buildTensorflow: expected a Python (${candidates.join(" or ")}) to find TensorFlow with, found none. ` +
      "Debian: apt install python3 python3-venv. Or name the wheel's tensorflow folder.",
  );
}
