/**
 * The built page in headless Chromium, beside `csl infer` on the same models and images:
 *
 *     pnpm --filter @csl/example-browser test
 *
 * It takes the models of out/quickstart-small (`npm start -- --small`), or of the folder that CSL_BROWSER_MODELS names.
 * CSL_BROWSER_ENGINES=wasm,webgl,webgpu tries more engines than wasm; a CPU plays the GPU, which is slow.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cp, mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { runCommand } from "@csl/cli";
import { hasChromium } from "@csl/test-support/chromium";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { build, type PreviewServer, preview } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyModels } from "../scripts/copy-models.mjs";
import { type OpenedPage, openPage } from "./open-page.js";

const root = resolve(import.meta.dirname, "../../..");
const from = resolve(root, process.env.CSL_BROWSER_MODELS ?? "out/quickstart-small");
const engines = (process.env.CSL_BROWSER_ENGINES ?? "wasm").split(",");
const why = !hasChromium
  ? "no chromium here (apt-get install chromium)"
  : !existsSync(join(from, "run", "csl", "thresholds.json"))
    ? `no models in ${from} (npm start -- --small)`
    : undefined;
if (why) console.log(`The browser example's test is left out: ${why}.`);

/** Between scores of the page and of csl infer: the page shows three digits. */
const tolerance = 0.001;

const { folder, at } = temporaryFolder();
const images = why
  ? []
  : readdirSync(join(from, "scenes", "val"))
      .sort()
      .slice(0, 6);
const pathOf = (name: string): string => join(from, "scenes", "val", name);
const bytesOf = (name: string): Uint8Array => readFileSync(pathOf(name));
let server: PreviewServer | undefined;
let address = "";

interface InferredTags {
  images: { tags: { name: string; score: number; threshold: number }[] }[];
}

/** `csl infer`, in this process. */
async function infer(
  model: string,
  out: string,
  names: readonly string[],
  ...flags: string[]
): Promise<InferredTags> {
  const words = ["infer", ...names.map(pathOf), "--model-path", model, "--out", out, "--engine", "wasm"];
  await runCommand([...words, ...flags]);
  return JSON.parse(await readFile(join(out, "tags.json"), "utf8"));
}

describe.skipIf(why)("the page", () => {
  beforeAll(async () => {
    await copyModels({ from, to: at("public", "models") });
    const outDir = at("dist");
    const options = { root: resolve(import.meta.dirname, ".."), logLevel: "warn" as const };
    await build({
      ...options,
      publicDir: at("public"),
      build: { outDir, emptyOutDir: true, reportCompressedSize: false },
    });
    await mkdir(at("empty"));
    await cp(outDir, at("empty", "dist"), { recursive: true, filter: (path) => !path.endsWith("models") });
    server = await preview({ ...options, build: { outDir }, preview: { port: 0, host: "127.0.0.1" } });
    address = `http://127.0.0.1:${(server.httpServer.address() as { port: number }).port}/`;
  });
  afterAll(() => server?.close());

  it.each(engines)("tags, compares and learns on %s", async (engine) => {
    const downloads = at(`downloads-${engine}`);
    await mkdir(downloads);
    const page = await openPage(address, { downloads, gpu: engine !== "wasm", camera: true });
    const checked: Record<string, string[]> = {};
    const check = async (state: string): Promise<void> => {
      checked[state] = await page.faults();
    };
    try {
      await chooseEngine(page, engine);
      await check("empty");
      await page.give("drop", [{ name: images[0]!, bytes: bytesOf(images[0]!) }]);
      await page.until("document.querySelector('.tags .number')");
      const csl = join(from, "run", "csl", "best.safetensors");
      const out = (name: string): string => join(folder, `${name}-${engine}`);
      const [tagged] = (await infer(csl, out("tags"), [images[0]!])).images;
      expect(await tagsOf(page)).toEqual(close(tagged!.tags));
      await page.look({ dark: true });
      await check("tags, dark");

      await page.click("#tab-compare");
      await check("compared, dark");
      const [all] = (await infer(csl, out("all"), [images[0]!], "--th", "0", "--top-k", "100")).images;
      const column = await columnOf(page, 0);
      expect(all!.tags.length).toBe(Object.keys(column).length);
      for (const { name, score } of all!.tags)
        expect(Math.abs(column[name]! - score)).toBeLessThan(tolerance);
      expect(await columnOf(page, 1)).not.toEqual(column);

      await page.choose(images.slice(1, 5).map(pathOf));
      await page.until("document.querySelectorAll('#gallery li').length === 5");
      await page.give("paste", [{ name: images[5]!, bytes: bytesOf(images[5]!) }]);
      await page.until("document.querySelectorAll('#gallery li').length === 6");

      await page.click("#open-camera");
      await page.until("document.querySelector('#live').innerText");
      await check("camera, dark");
      await page.click("#take");
      await page.until("document.querySelectorAll('#gallery li').length === 7");
      await page.click("#close-camera");
      await page.click("#gallery li:last-child .remove");
      await page.until("document.querySelectorAll('#gallery li').length === 6");

      await page.look({ width: 390 });
      await page.click("#tab-teach");
      await check("teach, nothing yet, on a phone");
      await nameClass(page, "left");
      await nameClass(page, "right");
      await page.click("#gallery li .thumb");
      await page.evaluate("document.querySelector('.board').focus()");
      // Left is present in the first half and absent in the others; of right every second label stays open.
      for (let i = 0; i < 6; i++)
        await page.press(...(i < 3 ? ["1"] : ["1", "1"]), ...(i % 2 ? [] : i < 3 ? ["2", "2"] : ["2"]), "n");
      await check("labelled, on a phone");
      await page.click("#train");
      await page.until("document.querySelector('#outcome').innerText");
      await page.look({});
      await check("trained");
      await page.look({ dark: true });
      await check("trained, dark");
      expect(await wrongLabels(page)).toEqual({ labels: 9, wrong: 0 });
      const [, first, last] = /went from (\d+\.\d+) to (\d+\.\d+)/.exec(await page.text("#outcome"))!;
      expect(Number(last)).toBeLessThan(Number(first) / 2);

      await page.click("#download");
      const file = join(downloads, "my-classes.safetensors");
      await waitForFile(file);
      const [byFile] = (await infer(file, out("own"), [images[0]!], "--th", "0")).images;
      const scores = await headScoresOf(page, 0);
      for (const { name, score } of byFile!.tags)
        expect(Math.abs(scores[name]! - score)).toBeLessThan(tolerance);

      await new Promise((done) => setTimeout(done, 500)); // what changed last is kept after a pause
      await page.reload();
      await page.click("#tab-teach");
      await page.until("document.querySelector('#head-scores')");
      expect(await wrongLabels(page)).toEqual({ labels: 9, wrong: 0 });
      expect(Object.fromEntries(Object.entries(checked).filter(([, faults]) => faults.length > 0))).toEqual(
        {},
      );
      expect(page.requests.filter((url) => !/^(blob|data):/.test(url) && !url.startsWith(address))).toEqual(
        [],
      );
      expect(page.refused).toEqual([]);
    } finally {
      await page.close();
    }
  });

  it("says in words what does not work", async () => {
    const page = await openPage(address, { downloads: folder });
    const complaint = async (): Promise<string> => {
      await page.until("document.querySelector('.complaint')");
      return page.text("#alert");
    };
    try {
      for (const [name, bytes, words] of wrongFiles) {
        await page.give("drop", [{ name, bytes }]);
        await page.until(`document.querySelector('#alert').innerText.includes(${JSON.stringify(name)})`);
        expect(await complaint()).toContain(words);
      }
      expect(await page.faults()).toEqual([]);
      await page.click("#open-camera");
      await page.until("document.querySelector('#alert').innerText.includes('camera')");
      await page.evaluate(
        "{ const one = document.querySelector('#engine'); one.value = 'webgpu'; one.dispatchEvent(new Event('change')); }",
      );
      await page.until("document.querySelector('#alert').innerText.includes('WebGPU')");
      expect(await page.evaluate("document.querySelector('#engine').value")).toBe("wasm");
      await page.click("#tab-teach");
      await page.click("#train");
      expect(await complaint()).toContain("Name a class first.");
      await page.send("Storage.overrideQuotaForOrigin", { origin: address.slice(0, -1), quotaSize: 1 });
      await nameClass(page, "cup");
      await page.until("document.querySelector('#alert').innerText.includes('no room left')");
    } finally {
      await page.close();
    }
  });

  it("says how to get the models where it has none", async () => {
    const empty = await preview({
      ...{ root: resolve(import.meta.dirname, ".."), logLevel: "warn" },
      build: { outDir: at("empty", "dist") },
      preview: { port: 0, host: "127.0.0.1" },
    });
    const { port } = empty.httpServer.address() as { port: number };
    const page = await openPage(`http://127.0.0.1:${port}/`, { downloads: folder });
    try {
      expect(await page.text("#no-models")).toContain("pnpm --filter @csl/example-browser models");
      expect(await page.faults()).toEqual([]);
    } finally {
      await page.close();
      await empty.close();
    }
  });
});

/** The header of a PNG file: nothing follows, and nothing has to. */
function pngOf(width: number, height: number): Uint8Array {
  const bytes = Buffer.alloc(33);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
  bytes.write("IHDR", 12, "latin1");
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}

const wrongFiles: [name: string, bytes: Uint8Array, words: string][] = [
  [
    "notes.txt",
    Buffer.from("no image at all"),
    "notes.txt is not an image. JPEG, PNG, WebP, GIF and AVIF are read.",
  ],
  ["empty.jpg", new Uint8Array(0), "empty.jpg is empty."],
  ["photo.heic", Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1"), "photo.heic is a HEIC image"],
  [
    "drawing.svg",
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    "is a drawing (SVG)",
  ],
  ["huge.png", pngOf(30_000, 30_000), "huge.png has 30000 × 30000 pixels; at most 60 million are read."],
  ["cut.png", pngOf(30, 30), "cut.png: the file begins as an image, but this browser cannot read it."],
];

async function chooseEngine(page: OpenedPage, engine: string): Promise<void> {
  await page.evaluate(
    `{ const one = document.querySelector("#engine"); if (one.value !== "${engine}") { one.value = "${engine}"; one.dispatchEvent(new Event("change")); } }`,
  );
  await page.until("!document.querySelector('#engine').disabled");
  expect(await page.evaluate("document.querySelector('#engine').value")).toBe(engine);
}

async function nameClass(page: OpenedPage, name: string): Promise<void> {
  await page.evaluate(`document.querySelector("#class-name").value = ${JSON.stringify(name)}`);
  await page.click("#panel-teach form button");
}

const tagsOf = (page: OpenedPage): Promise<{ name: string; score: number }[]> =>
  page.evaluate(`[...document.querySelectorAll("#panel-tag .tags li")].map((one) => ({
    name: one.querySelector(".name").innerText, score: Number(one.querySelector(".number").innerText) }))`);

const close = (tags: readonly { name: string; score: number }[]) =>
  tags.map(({ name, score }) => ({ name, score: expect.closeTo(score, 2) }));

/** The scores of a model in the table, by the names of the classes. */
const columnOf = (page: OpenedPage, model: number): Promise<Record<string, number>> =>
  page.evaluate(`Object.fromEntries([...document.querySelectorAll("#panel-compare tbody tr")].map((row) => [
    row.querySelector("th").firstChild.data, Number(row.querySelectorAll(".number")[${model}].innerText)]))`);

const headScoresOf = (page: OpenedPage, image: number): Promise<Record<string, number>> =>
  page.evaluate(`{
    const names = [...document.querySelectorAll("#head-scores thead th")].slice(1).map((one) => one.innerText);
    const row = document.querySelectorAll("#head-scores tbody tr")[${image}];
    Object.fromEntries([...row.querySelectorAll(".number")].map((one, i) => [names[i], Number(one.innerText)]));
  }`);

const wrongLabels = (page: OpenedPage): Promise<{ labels: number; wrong: number }> =>
  page.evaluate(`({ labels: document.querySelectorAll("#head-scores td .note, #head-scores td .bad").length,
    wrong: document.querySelectorAll("#head-scores td .bad").length })`);

async function waitForFile(path: string): Promise<void> {
  const end = Date.now() + 30_000;
  while (!existsSync(path) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
}
