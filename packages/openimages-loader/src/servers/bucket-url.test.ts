import { describe, expect, it } from "vitest";
import { bucketUrl } from "./bucket-url.js";
import { openImagesUrl } from "./open-images-url.js";

describe("bucketUrl", () => {
  it.each([
    ["https://minio.example:9000/bucket/", "/a/b.jpg", "https://minio.example:9000/bucket/a/b.jpg"],
    ["s3://my-bucket/prefix", "a b+c.jpg", "https://my-bucket.s3.amazonaws.com/prefix/a%20b%2Bc.jpg"],
    ["gs://my-bucket", "ü.jpg", "https://storage.googleapis.com/my-bucket/%C3%BC.jpg"],
  ])("%s + %s", (base, key, url) => {
    expect(bucketUrl(base, key)).toBe(url);
  });

  it("refuses other schemes", () => {
    expect(() => bucketUrl("/local/folder", "a")).toThrow(/expected http\(s\):\/\/, s3:\/\/ or gs:\/\//);
  });
});

describe("openImagesUrl", () => {
  it("takes ids and splits in the forms that lists have", () => {
    const url = "https://open-images-dataset.s3.amazonaws.com/validation/000026e7ee790996.jpg";
    for (const id of ["000026e7ee790996", "000026E7EE790996", "validation/000026e7ee790996.jpg"])
      for (const split of ["validation", "val"]) expect(openImagesUrl(id, split)).toBe(url);
    expect(openImagesUrl("000026e7ee790996", "test", { base: "http://localhost:1/x" })).toBe(
      "http://localhost:1/x/test/000026e7ee790996.jpg",
    );
  });

  it("refuses what is neither", () => {
    expect(() => openImagesUrl("391895", "train")).toThrow(/16 hexadecimal digits, got "391895"/);
    expect(() => openImagesUrl("000026e7ee790996", "dev")).toThrow(/expected a split of train, /);
  });
});
