import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import {
  type FetchPicturesOptions,
  type FetchReport,
  fetchPictures,
  type PictureItem,
} from "../src/fetch/fetch-pictures.js";
import { BadServer } from "./bad-server.js";
import { FakeClock } from "./fake-clock.js";

/** For tests: a server that does as told, a new folder and clock for each test, and what is asked again and again. */
export class PictureBench {
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

  item(id: string, more: Partial<PictureItem> = {}): PictureItem {
    return { id, url: `${this.server.base}/${id}.jpg`, path: `${id}.jpg`, ...more };
  }

  fetchAll(items: PictureItem[], more: FetchPicturesOptions = {}): Promise<FetchReport> {
    return fetchPictures(items, { folder: this.folder, clock: this.clock, random: () => 0.5, ...more });
  }

  /** Whether the picture is there with this content. */
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
