import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { ImageTags } from "../tagger/tagger.js";
import { createTagger } from "./create-tagger.js";
import type { NodeImage } from "./node-image.js";

// Each class of these models is a channel: its logit is 10 * mean - 5, and the temperature is 2.
const fixture = (name: string): string => join(import.meta.dirname, "../../fixtures", `${name}.onnx`);
const colours = fixture("colours");
const score = (mean: number): number => 1 / (1 + Math.exp(-(10 * mean - 5) / 2));

const folder = temporaryFolder();
const png = (r: number, g: number, b: number): Promise<Buffer> =>
  sharp({ create: { width: 13, height: 9, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer();
const orange = await png(255, 102, 0);

const expectClose = ({ tags }: ImageTags, expected: [id: string, score: number][]): void => {
  expect(tags.map(({ id }) => id)).toEqual(expected.map(([id]) => id));
  for (const [i, [, wanted]] of expected.entries()) expect(tags[i]!.score).toBeCloseTo(wanted, 6);
};

describe.each(["colours", "colours-no-preprocessing"])("%s.onnx", (name) => {
  it("gives the classes whose scores are above the model's thresholds", async () => {
    const tagger = await createTagger(fixture(name));
    expect(tagger.description).toMatchObject({ network: "colours", imageSize: 8, temperature: 2 });
    // Green, 0.4, is below its 0.8; blue has no threshold, and 0 is below 0.97.
    const { tags } = await tagger.tag(orange);
    expect(tags).toEqual([{ id: "r", name: "Red", score: expect.closeTo(score(1), 6), threshold: 0.5 }]);
    const all: [string, number][] = [
      ["r", score(1)],
      ["g", score(0.4)],
      ["b", score(0)],
    ];
    expectClose(await tagger.tag(orange, { threshold: 0 }), all);
    expectClose(await tagger.tag(orange, { threshold: 0, top: 2 }), all.slice(0, 2));
    await tagger.dispose();
  });
});

it("takes an image in every form, and gives the same for each", async () => {
  const tagger = await createTagger(pathToFileURL(colours), { threshold: 0.1, engine: "cpu", threads: 1 });
  const path = folder.file("orange.png", orange);
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/orange.png" ? 200 : 404).end(orange);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { data, info } = await sharp(orange).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const forms: NodeImage[] = [
    ...[path, pathToFileURL(path), orange, new Uint8Array(orange).buffer as ArrayBuffer],
    ...[new Blob([new Uint8Array(orange)]), { ...info, data }, `${address}/orange.png`],
    new URL("/orange.png", address),
  ];
  const wanted = await tagger.tag(orange);
  expect(wanted.tags.map(({ id }) => id)).toEqual(["r", "g"]);
  // A sum over a batch may be ordered otherwise than that over one image.
  for (const one of await tagger.tag(forms))
    expectClose(
      one,
      wanted.tags.map(({ id, score }) => [id, score]),
    );
  await expect(tagger.tag(`${address}/none.png`)).rejects.toMatchObject({
    code: "network",
    message: expect.stringContaining("the server answered 404"),
  });
  server.close();
  await tagger.dispose();
});

it("squashes as the training does, and turns a photograph only where it is asked to", async () => {
  const halves = await sharp(await png(255, 0, 0))
    .composite([
      {
        input: await sharp(await png(0, 0, 255))
          .resize(13, 4)
          .toBuffer(),
        top: 0,
        left: 0,
      },
    ])
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 100, chromaSubsampling: "4:4:4" })
    .toBuffer();
  const seen: Uint8Array[] = [];
  const description = (await createTagger(colours)).description;
  const network = {
    description,
    run: async (pixels: Uint8Array) => {
      seen.push(pixels);
      return new Float32Array(3);
    },
    dispose: () => {},
  };
  await (await createTagger(network)).tag(halves);
  await (await createTagger(network, { autoOrient: true })).tag(halves);
  const blueAt = (pixels: Uint8Array, x: number, y: number): boolean =>
    pixels[(y * 8 + x) * 3 + 2]! > pixels[(y * 8 + x) * 3]!;
  // As it is stored blue is above; turned clockwise by a quarter it is on the right.
  expect([blueAt(seen[0]!, 0, 0), blueAt(seen[0]!, 7, 0), blueAt(seen[0]!, 0, 7)]).toEqual([
    true,
    true,
    false,
  ]);
  expect([blueAt(seen[1]!, 0, 0), blueAt(seen[1]!, 7, 0), blueAt(seen[1]!, 7, 7)]).toEqual([
    false,
    true,
    true,
  ]);
});

it.each([
  [
    "a file that is not there",
    () => createTagger(folder.at("none.onnx")),
    "not-found",
    "none.onnx, got ENOENT",
  ],
  [
    "a model without classes",
    () => createTagger(fixture("not-described")),
    "invalid-file",
    "csl export --format onnx",
  ],
  [
    "bytes of something else",
    () => createTagger(Buffer.from("hello")),
    "invalid-file",
    "expected an ONNX model",
  ],
  ["no model", () => createTagger(undefined as never), "invalid-argument", "expected a path"],
  [
    "an option that does not exist",
    () => createTagger(colours, { treshold: 1 } as object),
    "unknown-option",
    "treshold",
  ],
  ["a threshold of 2", () => createTagger(colours, { threshold: 2 }), "invalid-argument", "threshold"],
  ["batches of none", () => createTagger(colours, { batchSize: 0 }), "invalid-argument", "batchSize"],
  [
    "an engine that this machine lacks",
    () => createTagger(colours, { engine: "abacus" }),
    "unsupported",
    '"abacus"',
  ],
] as const)("refuses %s", async (_what, create, code, words) => {
  await expect(create()).rejects.toMatchObject({
    name: "CslError",
    code,
    message: expect.stringContaining(words),
  });
});

it.each([
  ["text", Buffer.from("<svg/>"), "invalid-file", "not an image format"],
  ["too many pixels", orange, "invalid-file", "exceed the limit of 100"],
  ["too few samples", { data: new Uint8Array(5), width: 1, height: 2 }, "invalid-argument", "3 or 4 samples"],
  ["a number", 5 as never, "invalid-argument", "expected a path"],
] as const)("refuses an image of %s", async (_what, image, code, words) => {
  const tagger = await createTagger(colours, { maxPixels: 100 });
  await expect(tagger.tag(image)).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  await tagger.dispose();
  await expect(tagger.tag(orange)).rejects.toMatchObject({ code: "closed" });
});
