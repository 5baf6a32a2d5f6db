import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createImageLoader, createLoaderWith, type ImageLoader } from "./image-loader.js";

// Issue 4: a worker that dies is replaced and its batch redone. The threads here run the real program, except that an
// image of one colour (flat.png) ends them while they prepare it.

const file = (name: string): string => resolve(import.meta.dirname, "../fixtures", name);
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
async function program(name: string, deadly: string): Promise<{ url: URL; execArgv: string[] }> {
  const at = (module: string): string =>
    JSON.stringify(pathToFileURL(join(import.meta.dirname, module)).href);
  const path = join(folder, name);
  await writeFile(
    path,
    `import { existsSync, writeFileSync } from "node:fs";
     import { register } from ${JSON.stringify(import.meta.resolve("tsx/esm/api"))};
     register();
     const { augmentations } = await import(${at("augmentations.ts")});
     augmentations.none = (image) => {
       if (image.data.every((value, i) => value === image.data[i % 3])) { ${deadly} }
       return image;
     };
     await import(${at("image-worker.ts")});`,
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
      expect.stringMatching(/ended by itself with code 7 while it prepared .*flat\.png.*It was replaced/),
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
      /ended the thread that prepared it, twice \(a worker thread ended by itself with code 9\)/,
    );
    expect(loader.stats.incidents.length).toBe(2);
    await loader.close();
  });
});
