import { expect, it } from "vitest";
import { dtypes } from "../dtypes.js";
import { findStateDict } from "./find-state-dict.js";
import type { PythonValue } from "./python-value.js";
import { torchGlobal } from "./torch-globals.js";
import { torchTensor } from "./torch-tensor.js";

const storage = {
  python: "torch.Storage",
  key: "0",
  dtype: dtypes.float32,
  bytes: 4,
  offset: 0,
} as const;
const tensor = torchTensor({ storage, storageOffset: 0, shape: [], stride: [] });
const state = new Map<PythonValue, PythonValue>([["module.a", tensor]]);

it.each([
  ["module", new Map<PythonValue, PythonValue>([["module", state]])], // DeepSpeed's
  [
    "ema.module",
    new Map<PythonValue, PythonValue>([
      ["model", state],
      ["ema", new Map([["module", state]])],
    ]),
  ],
  ["net", new Map<PythonValue, PythonValue>([["net", state]])],
  [
    "generator", // not the optimizer's memory, though that is larger
    new Map<PythonValue, PythonValue>([
      ["optimizer", new Map([...state, ["b", tensor], ["c", tensor]])],
      ["generator", state],
    ]),
  ],
  [
    "params_ema",
    new Map<PythonValue, PythonValue>([
      ["params", state],
      ["params_ema", state],
    ]),
  ],
])("finds weights under %s", (where, value) => {
  const found = findStateDict(value);
  expect(found.where).toBe(where);
  expect([...found.tensors.keys()]).toEqual(["a"]);
});

it("passes over what training programs note beside weights", () => {
  for (const name of ["torch.torch_version.TorchVersion", "collections.deque"])
    expect(torchGlobal(name)?.call?.(["2.13.0"])).toEqual({ python: name });
});
