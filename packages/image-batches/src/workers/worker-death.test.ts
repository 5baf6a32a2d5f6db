import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createImageLoader, createLoaderWith, type ImageLoader } from "../load/image-loader.js";
import { createWorkerPool } from "./worker-pool.js";

// A worker that dies is replaced and its batch is made again. The threads here run the real program, except that an
// image of one colour (flat.png) ends them while they prepare it.

const file = (name: string): string => resolve(import.meta.dirname, "../../fixtures", name);
const names = [
  "420.jpg",
  "rgb.png",
  "flat.png",
  "444.jpg",
  "odd.png",
  "grey.jpg",
  "422.jpg",
  "text.jpg",
  "square.png",
];
const paths = [...names, ...names.filter((name) => name !== "flat.png")].map(file);
const options = { size: 16, batchSize: 3, shuffle: true, seed: 2 } as const;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "worker-death-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A worker's program that does `deadly` where it meets the flat image. */
async function program(name: string, deadly: string, more = ""): Promise<{ url: URL; execArgv: string[] }> {
  const at = (module: string): string =>
    JSON.stringify(pathToFileURL(join(import.meta.dirname, module)).href);
  const path = join(folder, name);
  await writeFile(
    path,
    `import { existsSync, writeFileSync } from "node:fs";
     import { register } from ${JSON.stringify(import.meta.resolve("tsx/esm/api"))};
     register();
     const { augmentations } = await import(${at("../augment/augmentations.ts")});
     augmentations.none = (image) => {
       if (image.data.every((value, i) => value === image.data[i % 3])) { ${deadly} }
       return image;
     };
     await import(${at("image-worker.ts")});
     ${more}`,
  );
  return { url: pathToFileURL(path), execArgv: ["--conditions=@csl/source"] };
}

/** Batches with a hash of their pixels. */
async function collect(loader: ImageLoader): Promise<unknown[]> {
  const batches: unknown[] = [];
  for await (const { images, indices, number } of loader.epoch(0)) {
    batches.push({
      number,
      indices: [...indices],
      pixels: createHash("sha256").update(images).digest("hex"),
    });
  }
  return batches;
}

describe.each([1, 2])("with %d workers", (workers) => {
  it("a thread that dies once is replaced, and no batch differs", async () => {
    const marker = join(folder, `once-${workers}`);
    const once = JSON.stringify(marker);
    const dying = await program(
      `once-${workers}.mjs`,
      `if (!existsSync(${once})) { writeFileSync(${once}, ""); process.exit(7); }`,
    );
    const loader = createLoaderWith(() => dying, paths, { ...options, workers });
    const plain = createImageLoader(paths, { ...options, workers: 0 });
    expect(await collect(loader)).toEqual(await collect(plain));
    expect(existsSync(marker)).toBe(true);
    expect(loader.stats.incidents).toEqual([
      expect.stringMatching(/ended by itself with code 7 while it worked on .*flat\.png.*It was replaced/),
    ]);
    expect(loader.unreadable).toEqual(plain.unreadable);
    await loader.close();
  });

  it("an image that ends two threads counts as unreadable, and costs no other its place", async () => {
    const dying = await program(`always-${workers}.mjs`, "process.exit(9);");
    const loader = createLoaderWith(() => dying, paths, { ...options, workers });
    const without = createImageLoader(
      paths.map((path) => (path.endsWith("flat.png") ? file("text.jpg") : path)),
      { ...options, workers: 0 },
    );
    expect(await collect(loader)).toEqual(await collect(without));
    expect(loader.unreadable.find(({ path }) => path.endsWith("flat.png"))?.reason).toMatch(
      /ended the thread that worked on it, twice \(a worker thread ended by itself with code 9\)/,
    );
    expect(loader.stats.incidents.length).toBe(2);
    await loader.close();
  });
});

describe("a thread that shrinks images for shards", () => {
  const shrink = { shortEdge: 16, quality: 90, filter: "bilinear", autoOrient: false } as const;
  const limits = { speaker: "test", maxDeaths: 5, count: "in a row" } as const;

  /** The real program, which ends when it is given the deadly image, `times` times in all. */
  async function ending(name: string, times: number): Promise<{ url: URL; execArgv: string[] }> {
    const count = JSON.stringify(join(folder, `${name}.count`));
    return program(
      `${name}.mjs`,
      "",
      `import { parentPort } from "node:worker_threads";
       import { appendFileSync, readFileSync } from "node:fs";
       parentPort.on("message", ({ task }) => {
         if (task?.source !== "deadly") return;
         appendFileSync(${count}, "x");
         if (readFileSync(${count}, "utf8").length <= ${times}) process.exit(1);
       });`,
    );
  }

  it.each([
    [
      "dies once: its images are done again, none is lost, the image is really read",
      1,
      /the file is missing/,
    ],
    [
      "dies every time: the image that ends it is found, the others are done",
      99,
      /ended the thread .* twice/,
    ],
  ])("%s", async (_, times, reason) => {
    const pool = createWorkerPool(1, { program: await ending(`shrink-${times}`, times), ...limits });
    const sources = Array.from({ length: 6 }, (_, i) => (i === 2 ? "deadly" : file("420.jpg")));
    const results = await Promise.all(
      sources.map((source) => pool.run({ kind: "shrink", source, options: shrink }, 0)),
    );
    expect(results.map((result) => "jpg" in result)).toEqual([true, true, false, true, true, true]);
    expect(results[2]).toMatchObject({ unreadable: expect.stringMatching(reason) });
    await pool.close(new Error("closed"));
  });
});
