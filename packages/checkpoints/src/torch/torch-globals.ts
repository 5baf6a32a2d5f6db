import { dtypes } from "../dtypes.js";
import { PickleError } from "./pickle-error.js";
import type { PythonGlobal, PythonValue } from "./python-value.js";
import { isPythonObject } from "./python-value.js";
import { storageDtypes, torchTensor, type UnreadTorchTensor } from "./torch-tensor.js";

/** Functions of Python that a file of tensors calls, as our own code. */
const functions: Readonly<Record<string, NonNullable<PythonGlobal["call"]>>> = {
  "collections.OrderedDict": ([pairs]) => toMap(pairs),
  "collections.defaultdict": () => new Map(),
  "collections.Counter": ([counts]) => toMap(counts),
  "builtins.set": ([items]) => toList(items),
  "builtins.frozenset": ([items]) => toList(items),
  "torch.Size": ([sizes]) => toList(sizes),
  "torch._utils._rebuild_tensor": ([storage, storageOffset, shape, stride]) =>
    torchTensor({ storage, storageOffset, shape, stride }),
  "torch._utils._rebuild_tensor_v2": ([storage, storageOffset, shape, stride, , , lazy]) => {
    // Bits that PyTorch applies when the numbers are read (x.conj().imag has one): without them signs would be wrong.
    if (lazy instanceof Map && lazy.size > 0) return unreadTensor("negated or conjugated lazily");
    return torchTensor({ storage, storageOffset, shape, stride });
  },
  // Formats without a storage class of their own, since PyTorch 2.1.
  "torch._utils._rebuild_tensor_v3": ([storage, storageOffset, shape, stride, , , dtype]) => {
    const name = isPythonObject(dtype) ? dtype.python.replace("torch.", "") : "";
    if (!dtypes[name]) throw new PickleError(`a tensor of ${name || "no dtype"}`);
    return torchTensor({ storage, storageOffset, shape, stride, dtype: dtypes[name] });
  },
  "torch._utils._rebuild_qtensor": () => unreadTensor("quantized"),
  "torch._utils._rebuild_sparse_tensor": () => unreadTensor("sparse"),
  "torch._utils._rebuild_sparse_csr_tensor": () => unreadTensor("sparse"),
  "torch._utils._rebuild_nested_tensor": () => unreadTensor("nested"),
  "torch._utils._rebuild_meta_tensor_no_storage": () => unreadTensor("meta"),
  "torch._utils._rebuild_parameter": ([data]) => data ?? null,
  "torch._utils._rebuild_parameter_with_state": ([data]) => data ?? null,
  // Tensors with attributes of their own: function, class, arguments, attributes.
  "torch._tensor._rebuild_from_type_v2": ([rebuild, , args]) => {
    const { call } = (isPythonObject(rebuild) ? rebuild : {}) as PythonGlobal;
    if (!call || !Array.isArray(args)) throw new PickleError("a tensor of a class that is not known");
    return call(args);
  },
};

/**
 * Harmless names that training checkpoints hold next to their weights (timm's command line, NumPy numbers, dates). They
 * are not built: each becomes an object that only knows its name.
 */
const ignoredNames: ReadonlySet<string> = new Set([
  ...["argparse.Namespace", "types.SimpleNamespace", "copyreg._reconstructor", "_codecs.encode"],
  ...["builtins.object", "builtins.complex", "builtins.range", "builtins.slice", "builtins.bytearray"],
  ...["builtins.dict", "builtins.list", "builtins.tuple", "builtins.int", "builtins.float", "builtins.str"],
  ...["numpy.core.multiarray.scalar", "numpy.core.multiarray._reconstruct", "numpy.dtype", "numpy.ndarray"],
  ...["numpy._core.multiarray.scalar", "numpy._core.multiarray._reconstruct"],
  ...["datetime.datetime", "datetime.date", "datetime.timedelta", "datetime.timezone"],
  ...["pathlib.Path", "pathlib.PosixPath", "pathlib.WindowsPath", "pathlib.PurePosixPath"],
  ...["pathlib._local.PosixPath", "pathlib._local.WindowsPath"],
  ...["torch.device", "torch.Tensor", "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer"],
  ...["torch.storage.UntypedStorage", "torch.storage.TypedStorage", "torch.storage._UntypedStorage"],
  ...["torch.serialization._get_layout", "torch.torch_version.TorchVersion", "collections.deque"],
  ...["torch.per_tensor_affine", "torch.per_channel_affine", "torch.per_tensor_symmetric"],
  ...["torch.per_channel_symmetric", "torch.per_channel_affine_float_qparams"],
  // Lightning's hyper-parameters and callbacks.
  ...["pytorch_lightning.utilities.parsing.AttributeDict", "lightning_fabric.utilities.data.AttributeDict"],
  ...["lightning.fabric.utilities.data.AttributeDict", "lightning.pytorch.utilities.parsing.AttributeDict"],
  ...["pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint", "omegaconf.dictconfig.DictConfig"],
  ...["pytorch_lightning.callbacks.early_stopping.EarlyStopping", "omegaconf.listconfig.ListConfig"],
  ...["omegaconf.base.ContainerMetadata", "omegaconf.base.Metadata", "omegaconf.nodes.AnyNode"],
  ...["typing.Any"],
]);

function unreadTensor(kind: string): UnreadTorchTensor {
  return { python: "torch.UnreadTensor", kind };
}

/** The class or function of a name in a file of PyTorch's; undefined for unknown names. */
export function torchGlobal(given: string): PythonGlobal | undefined {
  const python = given.replace(/^__builtin__\./, "builtins.").replace(/^copy_reg\./, "copyreg."); // Python 2
  const call = Object.hasOwn(functions, python) ? functions[python] : undefined;
  if (call) return { python, call };
  const torch = /^torch\.(?:cuda\.)?(\w+)$/.exec(python)?.[1] ?? "";
  if (Object.hasOwn(storageDtypes, torch) || Object.hasOwn(dtypes, torch)) return { python };
  return ignoredNames.has(python) ? { python, call: () => ({ python }) } : undefined;
}

/** Pairs, or a dictionary, as a new one. */
function toMap(pairs: PythonValue | undefined): Map<PythonValue, PythonValue> {
  if (pairs === undefined || pairs instanceof Map) return new Map(pairs);
  if (!Array.isArray(pairs) || !pairs.every((pair) => Array.isArray(pair) && pair.length === 2))
    throw new PickleError("a dictionary of something else than pairs");
  return new Map(pairs as [PythonValue, PythonValue][]);
}

function toList(items: PythonValue | undefined): PythonValue[] {
  if (items === undefined) return [];
  if (!Array.isArray(items)) throw new PickleError("a set of something else than a list");
  return [...items];
}
