import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, it } from "vitest";
import { requireImages } from "./images-to-tag.js";

const { folder, at, file } = temporaryFolder();

it("wants files that are there, or a data set", async () => {
  const image = file("a.jpg", "");
  await requireImages([image], {});
  await requireImages([], { data: folder });
  const refused = (paths: string[]) => expect(requireImages(paths, {})).rejects;
  await refused([]).toThrow("expected images or --data, got neither");
  await refused([image, at("b.jpg")]).toThrow(/expected image files, got .*b\.jpg, which does not exist/);
  await refused([image, folder]).toThrow(/got the folder .*\*\.jpg\), or a data set with --data/);
});
