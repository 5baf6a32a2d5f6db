import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { listImages } from "./list-images.js";

it("lists images by ending, sorted, without dot files, and with or without sub-folders", async () => {
  const folder = await mkdtemp(join(tmpdir(), "list-images-"));
  try {
    await mkdir(join(folder, "b", ".thumbnails"), { recursive: true });
    for (const name of ["z.jpg", "a.PNG", "notes.txt", "b/m.jpeg", "b/.thumbnails/m.jpg", ".hidden.png"]) {
      await writeFile(join(folder, name), "");
    }
    await expect(listImages(folder)).resolves.toEqual(
      ["a.PNG", "b/m.jpeg", "z.jpg"].map((name) => join(folder, name)),
    );
    await expect(listImages(folder, { recursive: false })).resolves.toEqual(
      ["a.PNG", "z.jpg"].map((name) => join(folder, name)),
    );
    await expect(listImages(join(folder, "none"))).rejects.toThrow("listImages: expected a folder, got");
  } finally {
    await rm(folder, { recursive: true });
  }
});
