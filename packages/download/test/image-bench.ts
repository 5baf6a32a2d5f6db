import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BadServer } from "@csl/test-support/bad-server";
import { afterAll, beforeAll, beforeEach } from "vitest";
import {
  type FetchImagesOptions,
  type FetchReport,
  fetchImages,
  type ImageItem,
} from "../src/fetch/fetch-images.js";
import { FakeClock } from "./fake-clock.js";

/** For tests: a server that does as told, a new folder and clock for each test, and what is asked again and again. */
export class ImageBench {
  server!: BadServer;
  folder!: string;
  clock!: FakeClock;

  constructor() {
    let root: string;
    let count = 0;
    beforeAll(async () => {
      this.server = await BadServer.start();
      root = await mkdtemp(join(tmpdir(), "csl-fetch-"));
    });
    afterAll(async () => {
      await this.server.close();
      await rm(root, { recursive: true, force: true });
    });
    beforeEach(() => {
      this.folder = join(root, String(count++));
      this.clock = new FakeClock();
    });
  }

  item(id: string, more: Partial<ImageItem> = {}): ImageItem {
    return { id, url: `${this.server.base}/${id}.jpg`, path: `${id}.jpg`, ...more };
  }

  fetchAll(items: ImageItem[], more: FetchImagesOptions = {}): Promise<FetchReport> {
    return fetchImages(items, { folder: this.folder, clock: this.clock, random: () => 0.5, ...more });
  }

  /** Whether the image is there with this content. */
  async fetched(id: string, content: Buffer): Promise<boolean> {
    return content.equals(await readFile(join(this.folder, `${id}.jpg`)));
  }

  async names(): Promise<string[]> {
    return (await readdir(this.folder)).sort();
  }

  missingCsv(): Promise<string> {
    return readFile(join(this.folder, "missing.csv"), "utf8");
  }
}
