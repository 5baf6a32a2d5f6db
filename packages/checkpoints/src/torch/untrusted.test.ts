import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isCslError } from "@csl/internal/errors/csl-error";
import { zipOf } from "@csl/test-support";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { describe, expect, it } from "vitest";
import { memoryBytes } from "./file-bytes.js";
import { findStateDict } from "./find-state-dict.js";
import { openTorchBytes } from "./open-torch-file.js";
import { readTorchFile } from "./read-torch-file.js";

const temporary = temporaryFolder();
const folder = join(import.meta.dirname, "../../fixtures");
const fixtures = readdirSync(folder)
  .filter((name) => /\.(pth|pt)$/.test(name))
  .map((name) => [name, readFileSync(join(folder, name))] as const);

/** Everything that a user's command does with the bytes: opens them and reads all weights. */
async function readWeights(bytes: Uint8Array): Promise<Map<string, Float32Array>> {
  const file = await openTorchBytes(memoryBytes(bytes), "x.pth");
  const weights = new Map<string, Float32Array>();
  for (const [key, tensor] of findStateDict(file.value).tensors) weights.set(key, await file.read(tensor));
  return weights;
}

/** The weights, or the message of an error of ours. Anything else that is thrown fails the test. */
async function outcome(bytes: Uint8Array): Promise<Map<string, Float32Array> | string> {
  try {
    return await readWeights(bytes);
  } catch (error) {
    const { message } = error as Error;
    expect(isCslError(error), message).toBe(true);
    expect(message).toMatch(/^(readTorchFile: x\.pth: |expected a state-dict)/);
    return message;
  }
}

/** 32-bit xorshift: the same damage in every run. */
function damages(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

describe.each(fixtures)("%s", (name, whole) => {
  it("is refused when it is cut off anywhere", async () => {
    for (let length = 0; length < whole.length; length += 11)
      expect(typeof (await outcome(whole.subarray(0, length))), `${name} ${length}`).toBe("string");
  });

  it("with damaged bytes is refused or gives tensors of its size, and nothing else happens", async () => {
    const random = damages(name.length);
    for (let i = 0; i < 600; i++) {
      const bytes = Buffer.from(whole);
      for (let flips = 1 + (i % 3); flips > 0; flips--)
        bytes[random() % bytes.length]! ^= 1 << (random() % 8);
      const got = await outcome(bytes);
      const numbers =
        typeof got === "string" ? 0 : [...got.values()].reduce((sum, { length }) => sum + length, 0);
      expect(numbers).toBeLessThan(100_000);
    }
  });
});

it("never gives other weights for a damaged zip: checksums hold", async () => {
  const whole = fixtures.find(([name]) => name === "zoo.pth")![1];
  const right = await readWeights(whole);
  for (let at = 0; at < whole.length; at++) {
    const bytes = Buffer.from(whole);
    bytes[at]! ^= 0x10;
    const got = await outcome(bytes);
    if (typeof got !== "string") expect(got, `byte ${at}`).toEqual(right);
  }
});

const inZip = (pickle: Buffer, more: Record<string, Buffer> = {}): Buffer =>
  zipOf({ "x/data.pkl": pickle, "x/byteorder": "little", ...more });
const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");
/** `{"w": tensor}` over a FloatStorage "0" of `count` numbers, with these pickled integers for shape and stride. */
const tensorPickle = ({ count, shape, stride, offset = "K\x00" }: Record<string, string>): Buffer =>
  latin1(
    `\x80\x02}X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\n` +
      `X\x01\x00\x00\x000X\x03\x00\x00\x00cpu${count}tQ${offset}(${shape}t(${stride}t\x89}tRs.`,
  );

describe("pickles that mean harm", () => {
  it.each([
    ["any function", latin1("cos\nsystem\n(S'true'\ntR."), /a pickled object of the class os\.system/],
    ["a function by name on the stack", latin1("\x80\x04\x8c\x02os\x8c\x06system\x93."), /os\.system/],
    ["a name of an object's", latin1("cbuiltins\n__proto__\n."), /builtins\.__proto__/],
    ["a name like a property", latin1("ctorch\nconstructor\n."), /torch\.constructor/],
    [
      "an integer of a megabyte",
      Buffer.concat([latin1("\x8b\x00\x00\x10\x00"), Buffer.alloc(1 << 20, 7)]),
      /integer/,
    ],
    ["texts that double and double", doubling(), /a name that is not a text/],
    ["a text longer than the file", latin1("\x8d\xff\xff\xff\xff\xff\xff\xff\x7f."), /the end of the file/],
    [
      "lists within lists",
      Buffer.concat([Buffer.alloc(200_000, "]"), Buffer.alloc(199_999, "a"), latin1(".")]),
      /got a list of 1/,
    ],
    ["no stack", latin1("\x80\x02."), /an unfinished value/],
    ["no pickle", latin1("garbage, not a pickle"), /a reference to nothing|the end|unknown operation/],
  ])("%s", async (_, pickle, reason) => {
    expect(await outcome(inZip(pickle))).toMatch(reason);
  });

  it("a tensor that reaches beyond its storage, or the storage beyond the file", async () => {
    const numbers = { "x/data/0": Buffer.alloc(16) };
    const ok = { count: "K\x04", shape: "K\x02K\x02", stride: "K\x02K\x01" };
    expect(await outcome(inZip(tensorPickle(ok), numbers))).toEqual(new Map([["w", new Float32Array(4)]]));
    for (const [wrong, reason] of [
      [{ offset: "K\x01" }, /a tensor \[2,2\] that reaches beyond its storage of 16 bytes/],
      [{ stride: "K\x03K\x01" }, /beyond its storage/],
      [{ stride: "J\xff\xff\xff\xffK\x01" }, /impossible shape/],
      [{ shape: "K\x02" }, /impossible shape/],
      [{ count: "M\x00\x10" }, /expected 16384 bytes in storage 0, got 16/],
    ] as const)
      expect(await outcome(inZip(tensorPickle({ ...ok, ...wrong }), numbers))).toMatch(reason);
    expect(await outcome(inZip(tensorPickle(ok)))).toMatch(/expected the numbers of storage 0/);
  });

  it("the same zip deflated, as other programs pack it, is as good", async () => {
    const pickle = tensorPickle({ count: "K\x04", shape: "K\x02", stride: "K\x01", offset: "K\x01" });
    const files = { "x/data.pkl": pickle, "x/data/0": new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer) };
    expect(await outcome(zipOf(files, { deflate: true }))).toEqual(new Map([["w", Float32Array.of(2, 3)]]));
  });

  it("a tensor that repeats one number a billion times", async () => {
    const expanded = { count: "K\x04", shape: "J\x00\x00\x00\x40K\x04", stride: "K\x00K\x01" };
    expect(await outcome(inZip(tensorPickle(expanded), { "x/data/0": Buffer.alloc(16) }))).toMatch(
      /expected tensors of about the file's size .* \[1073741824,4\] that repeats itself/,
    );
  });

  it("many tensors that each repeat a number as often as one may", async () => {
    const one = tensorPickle({ count: "K\x04", shape: "J\x00\x00\x80\x00", stride: "K\x00" }); // 32 MB of float32
    const item = one.subarray(3, -2); // its key, a text of one letter, and the tensor
    const items = Array.from("abcdefgh", (key) => {
      const named = Buffer.from(item);
      named.write(key, 5, "latin1");
      return Buffer.concat([named, latin1("s")]);
    });
    const pickle = Buffer.concat([latin1("\x80\x02}"), ...items, latin1(".")]);
    const path = temporary.file("many.pth", inZip(pickle, { "x/data/0": Buffer.alloc(16) }));
    await expect(readTorchFile(path)).rejects.toThrow(/many\.pth: expected tensors of about the file's size/);
  });

  it("a tensor whose signs PyTorch turns when it reads it", async () => {
    const plain = tensorPickle({ count: "K\x04", shape: "K\x04", stride: "K\x01" });
    const lazy = latin1("}X\x03\x00\x00\x00neg\x88stRs.");
    const pickle = Buffer.concat([plain.subarray(0, -4), lazy]);
    expect(await outcome(inZip(pickle, { "x/data/0": Buffer.alloc(16) }))).toMatch(
      /negated or conjugated lazily/,
    );
  });

  it("a deflated entry that promises more than it can hold", async () => {
    const zip = zipOf({ "x/data.pkl": Buffer.alloc(1000) }, { deflate: true });
    zip.writeUInt32LE(1 << 27, zip.indexOf(latin1("PK\x01\x02")) + 24);
    expect(await outcome(zip)).toMatch(/expected x\/data\.pkl whole, got it damaged/);
  });
});

/** A list that holds the one before twice, sixty times over: as a text it would be 2^60 long. */
function doubling(): Buffer {
  const steps = Array.from(
    { length: 60 },
    (_, i) => `](h${String.fromCharCode(i)}h${String.fromCharCode(i)}eq${String.fromCharCode(i + 1)}0`,
  );
  return latin1(`]q\x000${steps.join("")}h\x3ch\x3c\x93.`);
}

describe("other files", () => {
  it.each([
    ["nothing", Buffer.alloc(0), /got an empty one/],
    ["another zip", zipOf({ "a.jpg": "…" }), /got one without data\.pkl/],
    ["safetensors", latin1('\x10\0\0\0\0\0\0\0{"a":{}}'), /got a safetensors file/],
    ["a web page", Buffer.from("\n<!DOCTYPE html><title>"), /got a web page/],
    ["a note of Git LFS", Buffer.from("version https://git-lfs.github.com/spec/v1\n"), /git lfs pull/],
    [
      "a dictionary without tensors",
      inZip(latin1("}X\x01\x00\x00\x00aK\x01s.")),
      /got a dictionary of 1 with "a"/,
    ],
  ])("%s", async (_, bytes, reason) => {
    expect(await outcome(bytes)).toMatch(reason);
  });
});
