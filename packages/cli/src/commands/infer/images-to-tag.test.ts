import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, it } from "vitest";
import { namedImages } from "./images-to-tag.js";

const { at, file } = temporaryFolder();
const out = at("outputs", "infer");

it("wants files and folders that are there, or a data set", async () => {
  const image = file("a.jpg", "");
  expect(await namedImages([image], { out })).toEqual([{ path: image, ofFolder: false }]);
  expect(await namedImages([], { data: at(), out })).toEqual([]);
  const refused = (paths: string[]) => expect(namedImages(paths, { out })).rejects;
  await refused([]).toThrow("expected images or --data, got neither");
  await refused([image, at("b.jpg")]).toThrow(/expected image files, got .*b\.jpg, which does not exist/);
});

it("takes the images of a folder and of those below it, but not the results of an earlier run", async () => {
  const photos = at("photos");
  const paths = ["b.PNG", "sub/a.jpg"].map((name) => file(`photos/${name}`, ""));
  file("photos/notes.txt", "");
  file("photos/tags/b.png", "");
  const found = await namedImages([photos], { out: at("photos", "tags") });
  expect(found).toEqual(paths.map((path) => ({ path, ofFolder: true })));
  await expect(namedImages([at("photos", "tags")], { out: at("photos", "tags") })).rejects.toThrow(
    /expected images in the folder .*tags, got only those of --out/,
  );
});

it("refuses a folder without images", async () => {
  file("empty/notes.txt", "");
  await expect(namedImages([at("empty")], { out })).rejects.toThrow(/in the folder .*empty, got none/);
});
