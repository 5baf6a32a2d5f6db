import { CslError, isCslError } from "@csl/internal/errors/csl-error";
import { readError } from "@csl/internal/errors/read-error";
import { type FileBytes, openFileBytes, readBytes } from "./file-bytes.js";
import { openLegacyForm } from "./open-legacy-form.js";
import { openZipForm } from "./open-zip-form.js";
import { PickleError } from "./pickle-error.js";
import type { PythonValue } from "./python-value.js";
import { readTensor } from "./read-tensor.js";
import { requireReasonable } from "./require-reasonable.js";
import type { TorchForm } from "./torch-form.js";
import type { TorchTensor } from "./torch-tensor.js";

/** What `torch.save` wrote, open: the numbers of its tensors are read when they are asked for. */
export interface TorchFile {
  /** zip: since PyTorch 1.6; legacy: before, or on request; pickle: no file of PyTorch's, but a bare pickle. */
  readonly form: "zip" | "legacy" | "pickle";
  /** Bytes of the file. */
  readonly size: number;
  /** What was saved. Tensors in it are a `TorchTensor` each. */
  readonly value: PythonValue;
  /** The numbers of a tensor, as float32 in the order of its shape. An error names its `key`, when given. */
  read(tensor: TorchTensor, key?: string): Promise<Float32Array>;
  close(): Promise<void>;
}

/** How files begin that are not PyTorch's; Latin-1, after white space and in small letters. */
const others: readonly (readonly [begin: string, what: string])[] = [
  ["\x89hdf", "an HDF5 file, as Keras writes it"],
  ["\x1f\x8b", "a gzipped file. Unpack it first"],
  ["gguf", "a GGUF file"],
  ["<!doctype", "a web page. Download it again"],
  ["<html", "a web page. Download it again"],
  ["version https://git-lfs", "a pointer of Git LFS. Run git lfs pull"],
];

/**
 * Opens a file of `torch.save` (.pth, .pth.tar, .pt, .bin), both of its forms, by what is in it. Nothing in it is ever
 * run: of the Python names in its pickle only those of tensors and dictionaries are known; a few harmless ones are
 * ignored.
 *
 * @throws CslError naming the file: `not-found`; `invalid-file` when it is cut off, damaged or of another kind;
 *   `unsupported` for a TorchScript archive, a pickled model or any other object, with its name.
 */
export async function openTorchFile(path: string): Promise<TorchFile> {
  const file = await openFileBytes(path).catch((cause: unknown) => {
    throw readError("readTorchFile", path, cause);
  });
  try {
    return await openTorchBytes(file, path);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The same of bytes that are open already. `path` is for messages. */
export async function openTorchBytes(file: FileBytes, path: string): Promise<TorchFile> {
  let form: TorchForm;
  try {
    form = await openForm(file);
  } catch (cause) {
    throw explained(path, cause);
  }
  const { name, value } = form;
  return {
    form: name,
    size: file.size,
    value,
    async read(tensor, key) {
      try {
        requireReasonable([tensor], file.size);
        return await readTensor(form, tensor);
      } catch (cause) {
        throw explained(path, cause, key === undefined ? "" : ` (${key}, ${tensor.dtype} [${tensor.shape}])`);
      }
    },
    close: () => file.close(),
  };
}

async function openForm(file: FileBytes): Promise<TorchForm> {
  if (file.size === 0) throw new CslError("invalid-file", "expected a file of torch.save, got an empty one");
  const head = (await readBytes(file, 0, Math.min(64, file.size))).toString("latin1");
  if (head.startsWith("PK\x03\x04")) return openZipForm(file);
  const words = head.trimStart().toLowerCase();
  const other = others.find(([begin]) => words.startsWith(begin));
  if (other) throw new CslError("invalid-file", `expected a file of torch.save, got ${other[1]}`);
  if (head.slice(4, 9) === "\0\0\0\0{")
    throw new CslError("invalid-file", "expected a file of torch.save, got a safetensors file");
  if (head.startsWith("PK"))
    throw new CslError(
      "invalid-file",
      "expected a zip file that torch.save wrote, got an empty or split one",
    );
  return openLegacyForm(file);
}

/** The error with the path: what is wrong, where, and the way out. */
function explained(path: string, cause: unknown, where = ""): CslError {
  const code = isCslError(cause) ? cause.code : "invalid-file";
  const what = cause instanceof PickleError ? pickleProblem(cause) : (cause as Error).message;
  return new CslError(code, `readTorchFile: ${path}: ${what}${where}.`, { cause });
}

function pickleProblem({ problem, python, got, at }: PickleError): string {
  if (problem === "model" || problem === "object")
    return (
      `expected a state-dict, got a pickled object${python ? ` of the class ${python}` : ": a whole model"}, which would need its ` +
      'code. Save its state-dict where PyTorch is: torch.save(model.state_dict(), "out.pth")'
    );
  if (problem === "name")
    return (
      `expected tensors and plain values, got the Python object ${python} at byte ${at}; it is not built. Save the ` +
      'weights alone where PyTorch is: torch.save(model.state_dict(), "out.pth")'
    );
  return `expected a file of torch.save, got ${got} at byte ${at} of its pickle. The file is damaged or not PyTorch's`;
}
