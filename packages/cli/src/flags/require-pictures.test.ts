import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, it } from "vitest";
import { requirePictures } from "./require-pictures.js";

const { folder, at, file } = temporaryFolder();

it("wants files that are there, or a data set", async () => {
  const picture = file("a.jpg", "");
  await requirePictures([picture], {});
  await requirePictures([], { data: folder });
  const refused = (paths: string[]) => expect(requirePictures(paths, {})).rejects;
  await refused([]).toThrow("expected pictures or --data, got neither");
  await refused([picture, at("b.jpg")]).toThrow(/expected picture files, got .*b\.jpg, which is not there/);
  await refused([picture, folder]).toThrow(/got the folder .*\*\.jpg\), or a data set with --data/);
});
