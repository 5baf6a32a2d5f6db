import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { pythonPackageQuestion } from "@csl/internal/processes/python-package";
import { runProgram } from "@csl/internal/processes/run-program";

const libraries = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];
const headers = ["tensorflow/c/c_api.h", "tensorflow/c/eager/c_api.h"];

const pipCommands =
  "python3 -m venv ~/tensorflow && ~/tensorflow/bin/pip install --no-deps tensorflow-cpu " +
  "(--no-deps is enough: only its libraries are used), then name ~/tensorflow/bin/python";

/**
 * The `tensorflow` folder of an installed TensorFlow wheel: given, or asked from a Python, which is not made to import it.
 *
 * @throws naming what is missing (Python, the wheel, its headers or libraries) and the command that installs it.
 */
export async function findTensorflow({
  python,
  tensorflow,
}: {
  python?: string | undefined;
  tensorflow?: string | undefined;
}): Promise<string> {
  const folder = tensorflow
    ? resolve(tensorflow)
    : await askPython(python ? [python] : ["python3", "python"]);
  const missing = [
    ...headers.map((name) => join("include", name)).filter((path) => !existsSync(join(folder, path))),
    ...libraries.filter((name) => !existsSync(join(folder, name))),
  ];
  if (missing.length > 0) {
    throw new CslError(
      "not-found",
      `buildTensorflow: expected the folder of a TensorFlow wheel, got ${folder} without ${missing[0]}. ` +
        `To have one: ${pipCommands}.`,
    );
  }
  return folder;
}

async function askPython(candidates: readonly string[]): Promise<string> {
  for (const python of candidates) {
    const { code, stdout, stderr } = await runProgram(python, pythonPackageQuestion("tensorflow"));
    if (code === undefined) continue;
    const folder = stdout.trim();
    if (code === 0 && folder !== "") return folder;
    const why = code === 0 ? "it has no TensorFlow" : `it failed: ${stderr.trim().split("\n").at(-1)}`;
    throw new CslError(
      "not-found",
      `buildTensorflow: expected ${python} to have a TensorFlow wheel, but ${why}. To have one: ${pipCommands}.`,
    );
  }
  throw new CslError(
    "not-found",
    `buildTensorflow: expected a Python (${candidates.join(" or ")}) to find TensorFlow with, found none. ` +
      "Debian: apt install python3 python3-venv. Or name the wheel's tensorflow folder.",
  );
}
