import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fromBinary } from "@bufbuild/protobuf";
import { startEngine } from "@csl/engine";
import { resize } from "@csl/image-batches";
import { descriptionKey, parseModelDescription } from "@csl/internal/model-description/model-description";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { beforeAll, describe, expect, it } from "vitest";
import { largestDifference, ourLogits } from "../../test/our-logits.js";
import { factsOf, smallModels } from "../../test/small-models.js";
import { trainedState } from "../../test/trained-state.js";
import { exportOnnx, type OnnxOptions } from "./export-onnx.js";
import { ModelProtoSchema } from "./protocol/onnx-ml_pb.js";

const python = process.env.CSL_ONNX_PYTHON ?? "python3";
const hasOnnx = spawnSync(python, ["-c", "import onnx, onnxruntime"]).status === 0;
if (!hasOnnx)
  console.log(
    "no onnx and onnxruntime in python3 (pip install onnx onnxruntime; CSL_ONNX_PYTHON names another python): onnx's checker is not asked",
  );

const { at } = temporaryFolder();
beforeAll(() => startEngine({ prefer: "wasm" }));

const images = 4;
const random = mulberry32(5);
const bytesOf = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => random() * 256);

const whole = (options: OnnxOptions): Uint8Array => Buffer.concat([...exportOnnx(options).parts()]);

/** @param shape of bytes; without preprocessing they are brought into [0, 1] and [batch, 3, height, width]. */
async function run(
  file: Uint8Array,
  bytes: Uint8Array,
  shape: number[],
  preprocessing = true,
): Promise<Float32Array> {
  const session = await InferenceSession.create(file, { logSeverityLevel: 3 });
  const [count = 0, height = 0, width = 0] = shape;
  const area = height * width;
  const planes = Float32Array.from({ length: bytes.length }, (_, i) => {
    const [image, channel, place] = [Math.floor(i / (area * 3)), Math.floor(i / area) % 3, i % area];
    return bytes[(image * area + place) * 3 + channel]! / 255;
  });
  const input = preprocessing
    ? new Tensor("uint8", bytes, shape)
    : new Tensor("float32", planes, [count, 3, height, width]);
  const { logits } = await session.run({ images: input });
  return logits!.data as Float32Array;
}

describe.each(smallModels)("$name as ONNX", ({ model, imageSize }) => {
  const state = trainedState(model);
  const facts = factsOf(model, imageSize);
  const shape = [images, imageSize, imageSize, 3];
  const bytes = bytesOf(images * imageSize * imageSize * 3);
  let ours: Awaited<ReturnType<typeof ourLogits>>;
  beforeAll(async () => {
    ours = await ourLogits({ model, state }, bytes, imageSize);
  });

  it.each([true, false])(
    "has our logits, preprocessing %s: no further off than three times float32's noise",
    async (preprocessing) => {
      // The noise: the same network by other sums, the norms apart from the convolutions.
      const noise = largestDifference(ours.apart, ours.folded);
      const logits = await run(whole({ model, state, facts, preprocessing }), bytes, shape, preprocessing);
      expect(largestDifference(logits, ours.folded)).toBeLessThanOrEqual(3 * noise);
    },
  );

  it.each([
    ["float16", 0.01, 0.51],
    ["int8", 0.1, 0.35],
  ] as const)("in %s is near, and smaller", async (precision, near, size) => {
    const file = whole({ model, state, facts, precision });
    const deviation = Math.sqrt(ours.folded.reduce((sum, v) => sum + v * v, 0) / ours.folded.length);
    expect(largestDifference(await run(file, bytes, shape), ours.folded)).toBeLessThan(near * deviation);
    expect(file.length / whole({ model, state, facts }).length).toBeLessThan(size);
  });

  it.skipIf(!hasOnnx)("passes onnx's checker in every precision", () => {
    const program =
      "import onnx, sys\nfor path in sys.argv[1:]: onnx.checker.check_model(onnx.load(path), full_check=True)";
    const paths = (["float32", "float16", "int8"] as const).flatMap((precision) =>
      [true, false].map((preprocessing) => {
        const path = at(`${model.head}-${imageSize}-${precision}-${preprocessing}.onnx`);
        writeFileSync(path, whole({ model, state, facts, precision, preprocessing }));
        return path;
      }),
    );
    execFileSync(python, ["-c", program, ...paths]);
  });
});

describe("exportOnnx", () => {
  const { model, imageSize } = smallModels[0]!;
  const state = trainedState(model);
  const facts = factsOf(model, imageSize);

  it("resizes images of any size as @csl/image-batches does, but for single steps of 255", async () => {
    const file = whole({ model, state, facts });
    for (const [width, height] of [
      [200, 90],
      [31, 47],
    ] as const) {
      const image = { data: bytesOf(width * height * 3), width, height };
      const resized = resize(image, { width: imageSize, height: imageSize });
      const [direct, square] = [
        await run(file, image.data, [1, height, width, 3]),
        await run(file, resized.data, [1, imageSize, imageSize, 3]),
      ];
      expect(largestDifference(direct, square)).toBeLessThan(1e-3);
    }
  });

  it("says what the model is, and how many bytes come", async () => {
    const classes = facts.classes.map((one, i) => ({ ...one, threshold: i === 0 ? 0.25 : null }));
    const file = exportOnnx({
      ...{ model, state, preprocessing: false },
      facts: { ...facts, classes, network: "tresnet_tiny", temperature: 1.5, card: "# Käfer" },
    });
    const parts = Buffer.concat([...file.parts()]);
    expect(parts.length).toBe(file.byteLength);
    const { metadataProps, opsetImport, irVersion } = fromBinary(ModelProtoSchema, parts);
    expect([irVersion, opsetImport[0]!.version]).toEqual([8n, 17n]);
    const { value = "" } = metadataProps.find(({ key }) => key === descriptionKey)!;
    expect(parseModelDescription(value, "x.onnx")).toEqual({
      ...{ format: 1, network: "tresnet_tiny", imageSize, preprocessing: false },
      ...{ temperature: 1.5, card: "# Käfer", classes },
    });
  });

  it.each<[string, Partial<OnnxOptions>, string, string]>([
    [
      "another model's tensors",
      { model: { ...model, numClasses: 9 }, facts: factsOf({ ...model, numClasses: 9 }, 64) },
      "mismatch",
      "head.fc.weight",
    ],
    [
      "other classes",
      { facts: factsOf({ ...model, numClasses: 3 }, 64) },
      "mismatch",
      "a class for each of 7 outputs, got 3",
    ],
    [
      "a size that no TResNet takes",
      { facts: { ...facts, imageSize: 62 } },
      "invalid-argument",
      "multiple of 4",
    ],
    [
      "a threshold above 1",
      { facts: { ...facts, classes: facts.classes.map((c) => ({ ...c, threshold: 2 })) } },
      "invalid-argument",
      "threshold of c0",
    ],
    ["a precision that does not exist", { precision: "bf16" as never }, "invalid-argument", "float16"],
  ])("refuses %s", (_what, options, code, text) => {
    expect(() => exportOnnx({ model, state, facts, ...options })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(text) }),
    );
  });

  it("refuses weights that float16 does not hold when they are written", () => {
    const large = new Map(state);
    large.set("head.fc.bias", { shape: [7], data: new Float32Array(7).fill(1e5) });
    const file = exportOnnx({ model, state: large, facts, precision: "float16" });
    expect(() => [...file.parts()]).toThrow(/head\.fc\.bias/);
  });
});
