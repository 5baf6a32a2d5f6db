import type { StateDict } from "@csl/checkpoints";

type Saved = StateDict | string | number | Map<string | number, Saved>;

/**
 * For tests: what `torch.save(value, path, _use_new_zipfile_serialization=False)` writes, as pickles of protocol 2.
 * Held against PyTorch itself by the fixtures of @csl/torch-files, which its reader reads the same.
 */
export function legacyTorchFile(value: Saved): Buffer {
  const storages: Float32Array[] = [];
  const pickled = Buffer.concat([latin1("\x80\x02"), pickleOf(value, storages), latin1(".")]);
  const keys = storages.map((_, i) => textOf(`${i}`));
  return Buffer.concat([
    latin1("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."), // the magic number
    latin1("\x80\x02M\xe9\x03."), // version 1001
    latin1("\x80\x02}."),
    pickled,
    Buffer.concat([latin1("\x80\x02]("), ...keys, latin1("e.")]),
    ...storages.flatMap((numbers) => {
      const count = Buffer.alloc(8);
      count.writeBigInt64LE(BigInt(numbers.length));
      return [count, Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength)];
    }),
  ]);
}

function pickleOf(value: Saved | { shape: number[]; data: Float32Array }, storages: Float32Array[]): Buffer {
  if (typeof value === "string") return textOf(value);
  if (typeof value === "number") return integerOf(value);
  if (value instanceof Map) {
    const items = [...value].flatMap(([key, entry]) => [
      typeof key === "string" ? textOf(key) : integerOf(key),
      pickleOf(entry, storages),
    ]);
    return Buffer.concat([latin1("ccollections\nOrderedDict\n)R("), ...items, latin1("u")]);
  }
  const { shape, data } = value;
  const stride = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const key = textOf(`${storages.push(data) - 1}`);
  return Buffer.concat([
    latin1("ctorch._utils\n_rebuild_tensor_v2\n(("),
    ...[textOf("storage"), latin1("ctorch\nFloatStorage\n"), key, textOf("cpu"), integerOf(data.length)],
    latin1("NtQK\x00("),
    ...shape.map(integerOf),
    latin1("t("),
    ...stride.map(integerOf),
    latin1("t\x89ccollections\nOrderedDict\n)RtR"),
  ]);
}

function textOf(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([latin1("X"), length, bytes]);
}

function integerOf(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.write("J", "latin1");
  bytes.writeInt32LE(value, 1);
  return bytes;
}

function latin1(text: string): Buffer {
  return Buffer.from(text, "latin1");
}
