import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openTorchFile } from "./open-torch-file.js";
import { readTorchFile } from "./read-torch-file.js";

const fixture = (name: string): string => join(import.meta.dirname, "../../fixtures", name);
const values = JSON.parse(await readFile(fixture("values.json"), "utf8")) as Record<
  string,
  [shape: number[], numbers: (number | string)[]]
>;

describe.each(["", "-legacy"])("files of PyTorch 2.13, form '%s'", (form) => {
  it("gives every dtype, view and parameter, bit for bit", async () => {
    const { tensors, where } = await readTorchFile(fixture(`values${form}.pth`));
    expect(where).toBe("");
    expect([...tensors.keys()]).toEqual(Object.keys(values));
    for (const [key, [shape, numbers]] of Object.entries(values)) {
      expect(tensors.get(key)!.shape, key).toEqual(shape);
      expect(tensors.get(key)!.data, key).toEqual(Float32Array.from(numbers, Number));
    }
  });

  it("takes the averaged weights of a training checkpoint, without DataParallel's prefix", async () => {
    const { tensors, where, value } = await readTorchFile(fixture(`timm${form}.pth`));
    expect(where).toBe("state_dict_ema");
    expect([...tensors.keys()]).toEqual([
      ...["0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var"],
      "1.num_batches_tracked",
    ]);
    expect([...tensors.get("0.weight")!.data]).toEqual([2, 2, 2, 2, 2, 2]);
    const saved = value as Map<string, unknown>;
    expect(saved.get("epoch")).toBe(3);
    expect(saved.get("args")).toEqual({ python: "argparse.Namespace" }); // never built
    expect(saved.get("seen")).toEqual([1, 2]);
  });

  it("takes {model, num_classes, idx_to_class}", async () => {
    const { tensors, where, value } = await readTorchFile(fixture(`zoo${form}.pth`));
    expect(where).toBe("model");
    expect(tensors.size).toBe(7);
    expect((value as Map<string, unknown>).get("idx_to_class")).toEqual(
      new Map([
        [0, "/m/0a"],
        [1, "/m/0b"],
      ]),
    );
  });

  it("refuses a pickled model, and calls nothing that a file asks for", async () => {
    await expect(openTorchFile(fixture(`whole-model${form}.pth`))).rejects.toThrow(
      /^readTorchFile: .*whole-model.*: expected a state-dict, got a pickled object.* torch\.save\(model\.state_dict\(\), "out\.pth"\)\.$/,
    );
    await expect(openTorchFile(fixture(`evil${form}.pth`))).rejects.toThrow(
      /got the Python object posix\.system at byte \d+; it is not built/,
    );
  });
});

describe.each(["", "-legacy"])("tensors of other kinds next to weights, form '%s'", (form) => {
  it("are named, and no reason to refuse the file", async () => {
    const { tensors, unread, where } = await readTorchFile(fixture(`mixed${form}.pth`));
    expect(where).toBe("net");
    expect(tensors).toEqual(new Map([["weight", { shape: [2], data: Float32Array.of(1.5, -2) }]]));
    expect(unread.sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
      { key: "quantized", dtype: "quantized", shape: [] },
      { key: "sparse", dtype: "sparse", shape: [] },
      { key: "spectrum", dtype: "complex64", shape: [1] },
      { key: "tiny", dtype: "float8_e4m3fn", shape: [2] },
      { key: "turned", dtype: "negated or conjugated lazily", shape: [] },
    ]);
  });
});

describe("the zip form alone", () => {
  it("turns the numbers of big-endian machines round", async () => {
    const { tensors } = await readTorchFile(fixture("big-endian.pth"));
    expect([...tensors.get("weight")!.data]).toEqual(Array.from({ length: 24 }, (_, i) => i / 8 - 1));
  });

  it("says what to do about TorchScript", async () => {
    await expect(openTorchFile(fixture("script.pt"))).rejects.toThrow(
      /script\.pt: expected a state-dict, got a TorchScript archive\. Save its state-dict .*torch\.jit\.load/,
    );
  });

  it("names a tensor whose numbers are not read", async () => {
    await expect(readTorchFile(fixture("complex.pth"))).rejects.toThrow(
      /complex\.pth: expected float16 to float64, .* got another dtype \(weight, complex64 \[1\]\)\.$/,
    );
  });
});
